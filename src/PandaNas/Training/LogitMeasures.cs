namespace PandaNas.Training;

/// <summary>
/// Loss, hits and importance of a mini-batch from its logits, in plain arithmetic: one copy of N×classes numbers instead of a
/// dozen tensor operations and a wait for each.
/// </summary>
internal static class LogitMeasures
{
    /// <summary>
    /// Measures every example. The importance is ‖softmax(z) − onehot(y)‖₂, the norm of the gradient of the cross-entropy at the
    /// logits, an upper bound of the example's gradient norm up to a constant (Katharopoulos and Fleuret 2018).
    /// </summary>
    /// <param name="logits">N×classes, row by row.</param>
    /// <param name="labels">N labels.</param>
    /// <param name="importances">Receives N importances, each in [0, √2].</param>
    /// <returns>The sum of the cross-entropies in nats, and how many rows have their largest logit at the label.</returns>
    public static (double Loss, int Correct) Of(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels, Span<float> importances)
    {
        int classes = logits.Length / labels.Length;
        Span<double> exponentials = classes <= 1024 ? stackalloc double[classes] : new double[classes];
        double loss = 0;
        int correct = 0;
        for (int example = 0; example < labels.Length; example++)
        {
            ReadOnlySpan<float> row = logits.Slice(example * classes, classes);
            int label = (int)labels[example];
            int best = 0;
            for (int c = 1; c < classes; c++)
                if (row[c] > row[best]) best = c;
            double sum = 0;
            for (int c = 0; c < classes; c++) sum += exponentials[c] = Math.Exp(row[c] - row[best]);

            loss += Math.Log(sum) - (row[label] - row[best]);
            if (best == label) correct++;
            double squares = 0;
            for (int c = 0; c < classes; c++)
            {
                double difference = exponentials[c] / sum - (c == label ? 1 : 0);
                squares += difference * difference;
            }
            importances[example] = (float)Math.Sqrt(squares);
        }
        return (loss, correct);
    }
}
