using ServingSim.Engine.Specs;

namespace ServingSim.Engine.Latency;

/// <summary>
/// The time of decodes as an affine function of batch and contexts, one for each range of batches. Coefficients are
/// integer ticks, rounded up once, so that the steps of a batch lie on a line.
/// </summary>
internal sealed class DecodePieces
{
    private readonly Piece[] _pieces;

    internal DecodePieces(IReadOnlyList<LinearDecode> pieces) => _pieces =
    [
        .. pieces.Select(piece => new Piece(
            piece.FromDecodes,
            LatencyTicks.RoundedUp(piece.BaseMs),
            LatencyTicks.RoundedUp(piece.MsPerContextToken),
            LatencyTicks.RoundedUp(piece.MsPerDecode))),
    ];

    internal static IEnumerable<(string? Parameter, string Problem)> Problems(
        IReadOnlyList<LinearDecode> pieces, string parameter) => Problem.List(
        Problem.Unless(
            pieces.Count > 0 && pieces[0].FromDecodes == 1, parameter,
            "expected a first entry with from_decodes: 1"),
        Problem.Unless(
            pieces.Zip(pieces.Skip(1)).All(pair => pair.First.FromDecodes < pair.Second.FromDecodes), parameter,
            "expected from_decodes to rise from each entry to the next"));

    internal long BaseTicks(int decodes) => PieceFor(decodes).Base;

    internal long TicksPerContextToken(int decodes) => PieceFor(decodes).PerContextToken;

    /// <summary>What the decodes take beside the base.</summary>
    internal Int128 VariableTicks(int decodes, long contextTokens)
    {
        ref readonly Piece piece = ref PieceFor(decodes);
        return ((Int128)piece.PerContextToken * contextTokens) + ((Int128)piece.PerDecode * decodes);
    }

    private ref readonly Piece PieceFor(int decodes)
    {
        int index = _pieces.Length - 1;
        while (_pieces[index].From > Math.Max(1, decodes))
        {
            index--;
        }

        return ref _pieces[index];
    }

    private readonly record struct Piece(int From, long Base, long PerContextToken, long PerDecode);
}
