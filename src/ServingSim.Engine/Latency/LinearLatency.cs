using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>Options of <see cref="LinearLatency"/>.</summary>
/// <param name="Prefill">Time of the prefill part of a step.</param>
/// <param name="Decode">Time of the decode part, by batch size: the first entry from 1 decode on, each next from its
/// break on.</param>
public sealed record LinearLatencyOptions(LinearPrefill Prefill, IReadOnlyList<LinearDecode> Decode) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        Problem.Unless(
            Decode.Count > 0 && Decode[0].FromDecodes == 1, nameof(Decode),
            "expected a first entry with from_decodes: 1"),
        Problem.Unless(
            Decode.Zip(Decode.Skip(1)).All(pair => pair.First.FromDecodes < pair.Second.FromDecodes), nameof(Decode),
            "expected from_decodes to rise from each entry to the next"));
}

/// <summary>
/// The linear model of DistServe (OSDI'24), which a user can fit to an engine's log: prefill a + b·Σt + c·Σt², decode
/// a + b·ΣC + c·n. DistServe runs prefill and decode in separate steps. Here a step that mixes them takes the longer of
/// the two bases, once, and both variable parts. A chunk of t tokens after s has the quadratic term t·(2s + t), so that
/// the chunks of a prompt add up to the whole prompt's square. Coefficients are integer ticks, rounded up once.
/// </summary>
public sealed class LinearLatency : ILatencyModel
{
    private readonly long _prefillBase;
    private readonly long _perToken;
    private readonly long _perToken2;
    private readonly DecodeTicks[] _decodes;

    /// <summary>A model with the options' coefficients; all of a step's time is on the device.</summary>
    public LinearLatency(LinearLatencyOptions options)
    {
        Problem.CheckNone([options, options.Prefill, .. options.Decode]);
        _prefillBase = LatencyTicks.RoundedUp(options.Prefill.BaseMs);
        _perToken = LatencyTicks.RoundedUp(options.Prefill.MsPerToken);
        _perToken2 = LatencyTicks.RoundedUp(options.Prefill.MsPerToken2);
        _decodes = [.. options.Decode.Select(entry => new DecodeTicks(
            entry.FromDecodes,
            LatencyTicks.RoundedUp(entry.BaseMs),
            LatencyTicks.RoundedUp(entry.MsPerContextToken),
            LatencyTicks.RoundedUp(entry.MsPerDecode)))];
    }

    /// <inheritdoc/>
    public StepTime TimeOf(in StepShape shape)
    {
        long basis = 0;
        Int128 variable = 0;
        if (shape.PrefillTokens > 0)
        {
            basis = _prefillBase;
            variable = ((Int128)_perToken * shape.PrefillTokens) + (_perToken2 * SumOfSquares(shape.Prefills));
        }

        if (shape.Decodes > 0)
        {
            ref readonly DecodeTicks decode = ref DecodeFor(shape.Decodes);
            basis = Math.Max(basis, decode.Base);
            variable += ((Int128)decode.PerContextToken * shape.DecodeContextTokens)
                + ((Int128)decode.PerDecode * shape.Decodes);
        }

        Int128 ticks = basis + variable;
        SimTime device = ticks <= SimTime.Max.Ticks
            ? new SimTime((long)ticks)
            : throw new ClockRangeException($"a step of {ticks} ticks is beyond the clock");
        return new StepTime(SimTime.Zero, SimTime.Later(SimTime.OneTick, device));
    }

    /// <inheritdoc/>
    public DecodeLine? DecodeLine(int decodes, long contextTokens) => new(
        TimeOf(new StepShape([], decodes, contextTokens, decodes)), DecodeFor(decodes).PerContextToken);

    private static Int128 SumOfSquares(ReadOnlySpan<PrefillChunk> chunks)
    {
        Int128 sum = 0;
        foreach (PrefillChunk chunk in chunks)
        {
            sum += (Int128)chunk.Tokens * ((2L * chunk.ContextBefore) + chunk.Tokens);
        }

        return sum;
    }

    private ref readonly DecodeTicks DecodeFor(int decodes)
    {
        int index = _decodes.Length - 1;
        while (_decodes[index].From > decodes)
        {
            index--;
        }

        return ref _decodes[index];
    }

    private readonly record struct DecodeTicks(int From, long Base, long PerContextToken, long PerDecode);
}
