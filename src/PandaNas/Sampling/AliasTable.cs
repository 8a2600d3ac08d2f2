namespace PandaNas.Sampling;

/// <summary>Draws from a fixed discrete distribution in constant time (Walker 1977, built as Vose 1991).</summary>
internal sealed class AliasTable
{
    private readonly double[] _keep;
    private readonly int[] _alias;

    /// <summary>Builds the table in time linear in the number of outcomes.</summary>
    /// <param name="weights">Proportional to the probabilities; finite, not negative, not all zero.</param>
    /// <exception cref="ArgumentException">The weights are no distribution.</exception>
    public AliasTable(ReadOnlySpan<double> weights)
    {
        double total = 0;
        foreach (double weight in weights)
        {
            if (!(weight >= 0) || double.IsInfinity(weight))
                throw new ArgumentException($"a weight must be finite and not negative, {weight} is not");
            total += weight;
        }
        if (!(total > 0) || double.IsInfinity(total)) throw new ArgumentException("the weights must have a finite sum above 0");

        int count = weights.Length;
        _keep = new double[count];
        _alias = new int[count];
        var small = new Stack<int>();
        var large = new Stack<int>();
        for (int i = 0; i < count; i++)
        {
            _keep[i] = weights[i] / total * count;
            _alias[i] = i;
            (_keep[i] < 1 ? small : large).Push(i);
        }
        while (small.Count > 0 && large.Count > 0)
        {
            int less = small.Pop(), more = large.Peek();
            _alias[less] = more;
            _keep[more] -= 1 - _keep[less];
            if (_keep[more] < 1) small.Push(large.Pop());
        }
        // What is left differs from 1 by rounding only; an outcome of weight 0 always found a partner above.
        foreach (int rest in small.Concat(large)) _keep[rest] = 1;
        RepairZeros(weights);
    }

    /// <summary>One outcome, an index into the weights.</summary>
    public int Draw(RandomStream random)
    {
        int column = random.NextInt(_keep.Length);
        return random.NextDouble() < _keep[column] ? column : _alias[column];
    }

    // Rounding can leave an outcome of weight 0 without a partner; it must never be drawn.
    private void RepairZeros(ReadOnlySpan<double> weights)
    {
        int positive = -1;
        for (int i = 0; i < weights.Length && positive < 0; i++)
            if (weights[i] > 0) positive = i;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0 || _keep[i] == 0) continue;
            _keep[i] = 0;
            if (weights[_alias[i]] == 0) _alias[i] = positive;
        }
    }
}
