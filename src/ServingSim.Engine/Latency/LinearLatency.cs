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
    public IEnumerable<(string? Parameter, string Problem)> Problems() =>
        DecodePieces.Problems(Decode, nameof(Decode));
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
    private readonly DecodePieces _decodes;

    /// <summary>A model with the options' coefficients; all of a step's time is on the device.</summary>
    public LinearLatency(LinearLatencyOptions options)
    {
        Problem.CheckNone([options, options.Prefill, .. options.Decode]);
        _prefillBase = LatencyTicks.RoundedUp(options.Prefill.BaseMs);
        _perToken = LatencyTicks.RoundedUp(options.Prefill.MsPerToken);
        _perToken2 = LatencyTicks.RoundedUp(options.Prefill.MsPerToken2);
        _decodes = new DecodePieces(options.Decode);
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
            basis = Math.Max(basis, _decodes.BaseTicks(shape.Decodes));
            variable += _decodes.VariableTicks(shape.Decodes, shape.DecodeContextTokens);
        }

        return new StepTime(
            SimTime.Zero, SimTime.Later(SimTime.OneTick, LatencyTicks.WithinClock(basis + variable)));
    }

    /// <inheritdoc/>
    public DecodeLine? DecodeLine(int decodes, long contextTokens) => new(
        TimeOf(new StepShape([], decodes, contextTokens, decodes)), _decodes.TicksPerContextToken(decodes));

    private static Int128 SumOfSquares(ReadOnlySpan<PrefillChunk> chunks)
    {
        Int128 sum = 0;
        foreach (PrefillChunk chunk in chunks)
        {
            sum += (Int128)chunk.Tokens * ((2L * chunk.ContextBefore) + chunk.Tokens);
        }

        return sum;
    }
}
