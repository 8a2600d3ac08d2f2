namespace PandaNas.Searching;

/// <summary>Pareto order of points of which every coordinate is to be small (Deb et al. 2002).</summary>
internal static class ParetoOrder
{
    /// <summary>Whether the first is nowhere larger and somewhere smaller.</summary>
    public static bool Dominates(double[] one, double[] other)
    {
        bool smaller = false;
        for (int i = 0; i < one.Length; i++)
        {
            if (one[i] > other[i]) return false;
            smaller |= one[i] < other[i];
        }
        return smaller;
    }

    /// <summary>
    /// Fast non-dominated sort: the indices of the points, front by front; a point is dominated by none of its own or a later front.
    /// </summary>
    public static List<List<int>> Fronts(IReadOnlyList<double[]> points)
    {
        List<int>[] dominated = [.. points.Select(_ => new List<int>())];
        var dominators = new int[points.Count];
        for (int one = 0; one < points.Count; one++)
            for (int other = 0; other < points.Count; other++)
                if (Dominates(points[one], points[other]))
                {
                    dominated[one].Add(other);
                    dominators[other]++;
                }

        var fronts = new List<List<int>>();
        List<int> front = [.. Enumerable.Range(0, points.Count).Where(point => dominators[point] == 0)];
        while (front.Count > 0)
        {
            fronts.Add(front);
            front = [.. front.SelectMany(point => dominated[point]).Where(point => --dominators[point] == 0).Order()];
        }
        return fronts;
    }

    /// <summary>
    /// The crowding distance of the points of a front, in its order: the sum over coordinates of the gap between the neighbours on both
    /// sides, in units of the front's range; infinite at both ends.
    /// </summary>
    public static double[] CrowdingDistances(IReadOnlyList<double[]> points, IReadOnlyList<int> front)
    {
        var distances = new double[front.Count];
        int coordinates = front.Count == 0 ? 0 : points[front[0]].Length;
        for (int coordinate = 0; coordinate < coordinates; coordinate++)
        {
            double Value(int place) => points[front[place]][coordinate];
            int[] order = [.. Enumerable.Range(0, front.Count).OrderBy(Value)];
            distances[order[0]] = distances[order[^1]] = double.PositiveInfinity;
            double range = Value(order[^1]) - Value(order[0]);
            if (range == 0) continue;
            for (int i = 1; i < order.Length - 1; i++) distances[order[i]] += (Value(order[i + 1]) - Value(order[i - 1])) / range;
        }
        return distances;
    }

    /// <summary>The first of every group of equal points that no point dominates, as indices in order.</summary>
    public static List<int> Front(IReadOnlyList<double[]> points)
    {
        var front = new List<int>();
        for (int point = 0; point < points.Count; point++)
        {
            if (front.Any(kept => Dominates(points[kept], points[point]) || points[kept].AsSpan().SequenceEqual(points[point]))) continue;
            front.RemoveAll(kept => Dominates(points[point], points[kept]));
            front.Add(point);
        }
        return front;
    }
}
