namespace ServingSim.Experiments.Workloads.Lengths;

/// <summary>
/// Rising numbers, to be searched often. Their range is cut into cells, each of which knows which numbers it can end
/// at: most hold none, so that there is nothing to search.
/// </summary>
internal sealed class RisingNumbers
{
    private const int CellsPerNumber = 8;
    private const int MostCells = 4096;

    private readonly double[] _numbers;
    private readonly double _cellsPerUnit;

    /// <summary>For each cell, the last number before it: at most the answer; after them, the last of all.</summary>
    private readonly int[] _lastBefore;

    internal RisingNumbers(IEnumerable<double> numbers)
    {
        _numbers = [.. numbers];
        int cells = Math.Min(CellsPerNumber * _numbers.Length, MostCells);
        double range = _numbers[^1] - _numbers[0];
        _cellsPerUnit = range > 0 ? cells / range : 0;
        _lastBefore = new int[cells + 2];
        int last = 0;
        for (int cell = 0; cell < _lastBefore.Length; cell++)
        {
            while (last + 1 < _numbers.Length && CellOf(_numbers[last + 1]) < cell)
            {
                last++;
            }

            _lastBefore[cell] = last;
        }
    }

    /// <summary>For each weight, the sum of those before it; and the sum of all.</summary>
    internal static (RisingNumbers Before, double Total) SumsBefore(IEnumerable<double> weights)
    {
        double sum = 0;
        List<double> before = [];
        foreach (double weight in weights)
        {
            before.Add(sum);
            sum += weight;
        }

        return (new RisingNumbers(before), sum);
    }

    internal double this[int index] => _numbers[index];

    /// <summary>
    /// The index of the last number that <paramref name="value"/> reaches; 0 even if it is less than all.
    /// </summary>
    internal int LastNotAbove(double value)
    {
        // Rounding keeps order, so that cells are in the order of what lies in them
        int cell = CellOf(value);
        (int low, int high) = (_lastBefore[cell], _lastBefore[cell + 1]);
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = _numbers[middle] <= value ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    private int CellOf(double value) =>
        (int)Math.Clamp((value - _numbers[0]) * _cellsPerUnit, 0, _lastBefore.Length - 2);
}
