using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>Options of <see cref="TwoRegimeLatency"/>.</summary>
/// <param name="Decode">Time of steps that only decode, by batch size: the first entry from 1 decode on, each next from
/// its break on, such as where CUDA graphs end.</param>
/// <param name="Prefill">Time of steps with prefill.</param>
public sealed record TwoRegimeOptions(IReadOnlyList<LinearDecode> Decode, HingePrefill Prefill) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() =>
        DecodePieces.Problems(Decode, nameof(Decode));
}

/// <summary>
/// Steps that only decode are affine in batch and contexts; steps with prefill follow a hinge between streaming the
/// weights and computing, for which one affine formula is off by a sixth. What real engines' logs look like; to be
/// fitted to one. Prefill added to a step never makes it shorter.
/// </summary>
public sealed class TwoRegimeLatency : ILatencyModel
{
    private readonly DecodePieces _decodes;
    private readonly HingePrefill _prefill;

    /// <summary>A model with the options' coefficients; all of a step's time is on the device.</summary>
    public TwoRegimeLatency(TwoRegimeOptions options)
    {
        Problem.CheckNone([options, options.Prefill, .. options.Decode]);
        _decodes = new DecodePieces(options.Decode);
        _prefill = options.Prefill;
    }

    /// <inheritdoc/>
    public StepTime TimeOf(in StepShape shape)
    {
        SimTime decodes = DecodeTime(shape.Decodes, shape.DecodeContextTokens);
        return new StepTime(SimTime.Zero, shape.Prefills.IsEmpty
            ? decodes
            : SimTime.Later(decodes, SimTime.FromSecondsRoundedUp(_prefill.Ms(shape) / 1e3)));
    }

    /// <inheritdoc/>
    public DecodeLine? DecodeLine(int decodes, long contextTokens) =>
        new(
            new StepTime(SimTime.Zero, DecodeTime(decodes, contextTokens)), _decodes.TicksPerContextToken(decodes));

    private SimTime DecodeTime(int decodes, long contextTokens) => decodes == 0
        ? SimTime.OneTick
        : SimTime.Later(
            SimTime.OneTick,
            LatencyTicks.WithinClock(_decodes.BaseTicks(decodes) + _decodes.VariableTicks(decodes, contextTokens)));
}
