using System.Globalization;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Sweeping;

/// <summary>
/// A Latin hypercube sample (McKay, Beckman and Conover 1979): each path's range is cut into as many equal parts as
/// there are points, and each part holds one point, at a number of six digits, or of as many as it takes to lie in it.
/// </summary>
/// <param name="Ranges">For each path of the scenario the range that it is drawn from.</param>
/// <param name="Count">How many points are drawn.</param>
/// <param name="Seed">The seed of the sample; that of the runs is the scenario's.</param>
public sealed record LatinHypercubeOptions(
    IReadOnlyDictionary<string, PointRange> Ranges, int Count, long Seed = 1) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Ranges.Count == 0)
        {
            yield return (nameof(Ranges), "found no range, expected at least one path with a range");
        }

        if (Count is < 1 or > Sweep.MostUnits)
        {
            yield return (nameof(Count), $"found {Count}, expected 1 to {Sweep.MostUnits}");
        }
    }
}

/// <summary>A range of numbers.</summary>
/// <param name="From">Its lower end.</param>
/// <param name="To">Its upper end; of whole numbers, the greatest.</param>
/// <param name="Scale">On which scale all parts of it are alike.</param>
/// <param name="Whole">Whether only whole numbers are drawn.</param>
public sealed record PointRange(
    double From, double To, RangeScale Scale = RangeScale.Linear, bool Whole = false) : IValidated
{
    private const double MostWhole = 1e15;

    // Six say all that matters and a person can read them; 17 are a double, whatever it is
    private const int FewestDigits = 6;
    private const int MostDigits = 17;

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (!(From < To))
        {
            yield return (nameof(To), $"found {To}, expected more than from, {From}");
        }

        if (Scale == RangeScale.Log && From <= 0)
        {
            yield return (nameof(From), $"found {From}, but a logarithmic scale has only numbers above 0");
        }

        foreach ((string name, double end) in new[] { (nameof(From), From), (nameof(To), To) })
        {
            if (Whole && !(Math.Abs(end) <= MostWhole && end == Math.Floor(end)))
            {
                yield return (name, $"found {end}, expected a whole number");
            }
        }
    }

    /// <summary>A number of one of so many equal parts of the range, so far into it, from 0 to less than 1.</summary>
    internal string In(int part, int count, double share)
    {
        double value = At((part + share) / count);
        if (Whole)
        {
            return value.ToString("F0", CultureInfo.InvariantCulture);
        }

        (double least, double most) = (At((double)part / count), At((part + 1.0) / count));
        return Enumerable.Range(FewestDigits, MostDigits - FewestDigits + 1)
            .Select(digits => value.ToString($"G{digits}", CultureInfo.InvariantCulture))
            .First(text => double.Parse(text, CultureInfo.InvariantCulture) is var rounded
                && (rounded == value || (rounded >= least && rounded < most)));
    }

    private double At(double share)
    {
        double to = Whole ? To + 1 : To;
        double value = Scale == RangeScale.Linear
            ? From + (share * (to - From))
            : PortableMath.Exp(PortableMath.Log(From) + (share * (PortableMath.Log(to) - PortableMath.Log(From))));
        return Math.Clamp(Whole ? Math.Floor(value) : value, From, To);
    }
}

/// <summary>On which scale all parts of a range are alike.</summary>
public enum RangeScale
{
    /// <summary>Parts of equal difference.</summary>
    Linear,

    /// <summary>Parts of equal ratio.</summary>
    Log,
}

/// <summary>The points of a Latin hypercube sample.</summary>
internal sealed class LatinHypercube(LatinHypercubeOptions options) : IPointSet
{
    /// <inheritdoc/>
    public long Count => options.Count;

    /// <inheritdoc/>
    public IEnumerable<IReadOnlyList<KeyValuePair<string, ConfigNode>>> Points()
    {
        RandomStreams streams = new(options.Seed);
        string[][] columns = [.. options.Ranges.Select(r => Column(r.Value, streams.Stream("sample of " + r.Key)))];
        return Enumerable.Range(0, options.Count).Select(point => options.Ranges.Keys
            .Select((path, i) => KeyValuePair.Create(path, Node(columns[i][point])))
            .ToArray());
    }

    private static ConfigNode Node(string number) =>
        ConfigNode.Scalar(new ConfigOrigin("the sample", Environment.CurrentDirectory, 0, 0), number, isQuoted: false);

    /// <summary>One number of each part of a range, in random order.</summary>
    private string[] Column(PointRange range, RandomStream stream)
    {
        int[] parts = [.. Enumerable.Range(0, options.Count)];
        Draws order = stream.At(0);
        for (int i = parts.Length - 1; i > 0; i--)
        {
            int j = order.NextIndex(i + 1);
            (parts[i], parts[j]) = (parts[j], parts[i]);
        }

        return [.. parts.Select(part => range.In(part, options.Count, stream.At(1, part).NextUnit()))];
    }
}
