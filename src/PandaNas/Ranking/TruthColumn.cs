namespace PandaNas.Ranking;

/// <summary>
/// Chooses the truth column. A column belongs to the data set it is named after; ranking a supernet trained on another data set by
/// it gives a number that looks valid and is not, so that is refused unless it is asked for.
/// </summary>
internal static class TruthColumn
{
    /// <summary>The column to rank by. Names are compared without regard to case.</summary>
    /// <param name="columns">The columns the table has, see <see cref="TruthTable.Columns"/>.</param>
    /// <param name="dataSet">The data set the predictions come from, for example <c>cifar10</c>.</param>
    /// <param name="requested">The column asked for; null for the one named after the data set.</param>
    /// <param name="allowMismatch">Whether a column of another name than the data set's may be used.</param>
    /// <returns>The column as the table writes it.</returns>
    /// <exception cref="BadDataException">
    /// The table has no such column, or the column is not the data set's and <paramref name="allowMismatch"/> is false.
    /// </exception>
    public static string Choose(IReadOnlyList<string> columns, string dataSet, string? requested, bool allowMismatch)
    {
        string wanted = (requested ?? dataSet).Trim();
        string? found = columns.FirstOrDefault(column => Same(column, wanted));
        string existing = columns.Count == 0 ? "none" : string.Join(", ", columns);
        if (found is null)
        {
            throw new BadDataException(requested is null
                ? $"the truth table has no column for the data set '{dataSet}'; its columns are: {existing}. " +
                $"To rank by another one: {Override("NAME")}"
                : $"the truth table has no column '{requested}'; its columns are: {existing}");
        }
        if (!allowMismatch && !Same(found, dataSet.Trim()))
        {
            throw new BadDataException(
                $"the truth column '{found}' does not belong to the data set '{dataSet}' that the predictions come from. " +
                $"The table's columns are: {existing}. To rank by it all the same: {Override(found)}");
        }
        return found;
    }

    private static string Override(string column) => $"{Mention.Option("truth-column")} {column} and {Mention.Option("allow-mismatch")}";

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
