namespace ServingSim.Experiments.Describing;

/// <summary>What a trace with sessions tells of conversations.</summary>
/// <param name="Sessions">How many there are.</param>
/// <param name="Rows">Rows that belong to one.</param>
/// <param name="MeanTurns">Rows a session.</param>
/// <param name="Turns">Turns at 50, 75, 90 and 99 %, and the most.</param>
/// <param name="TurnShares">The share of sessions of 1, 2, … 10 turns.</param>
/// <param name="GapsS">From a turn's start to the next's, in seconds, at the probabilities of <see cref="GapLevels"/>;
/// empty where no session has two turns.</param>
/// <param name="MeanGapS">Their mean; null of none.</param>
/// <param name="GapVariation">Their standard deviation over their mean; null of less than two.</param>
/// <param name="GapLogMean">The mean of their logarithms; null of less than two.</param>
/// <param name="GapLogSigma">The standard deviation of their logarithms; null of less than two.</param>
/// <param name="FirstPromptTokens">Mean request tokens of first turns; null where none succeeded.</param>
/// <param name="LaterPromptTokens">Mean request tokens of later turns; null where none succeeded.</param>
/// <param name="Growth">Request tokens less those of the turn before; null of none.</param>
/// <param name="MeanGrowth">Their mean; null of none.</param>
/// <param name="ShrinkingShare">The share of later turns whose request is shorter; null of none.</param>
/// <param name="AllTurns">How many sessions have each number of turns.</param>
public sealed record Conversations(
    int Sessions, int Rows, double MeanTurns, TurnQuantiles Turns, IReadOnlyList<double> TurnShares,
    IReadOnlyList<double> GapsS, double? MeanGapS, double? GapVariation, double? GapLogMean, double? GapLogSigma,
    double? FirstPromptTokens, double? LaterPromptTokens, Percentiles? Growth, double? MeanGrowth,
    double? ShrinkingShare, IReadOnlyList<(int Turns, int Sessions)> AllTurns)
{
    private const int SharesTold = 10;

    /// <summary>The probabilities that gaps are told at.</summary>
    public static IReadOnlyList<double> GapLevels { get; } = [0.1, 0.25, 0.5, 0.75, 0.9, 0.99];

    /// <summary>What the rows with a session tell; null where there is none.</summary>
    internal static Conversations? Of(ServiceRows rows)
    {
        int[][] sessions = BySession(rows);
        if (sessions.Length == 0)
        {
            return null;
        }

        int[] turns = Sample.Sorted([.. sessions.Select(s => s.Length)]);
        double[] gaps = Sample.Sorted(
            sessions.SelectMany(s => s.Zip(s.Skip(1), (a, b) => rows.Times[b] - rows.Times[a])));
        double[] logs = [.. gaps.Where(g => g > 0).Select(g => Math.Log(g))];
        (double Mean, double Deviation)? gap = gaps.Length > 1 ? Sample.Moments(gaps) : null;
        (double Mean, double Deviation)? log = logs.Length > 1 ? Sample.Moments(logs) : null;
        int[][] answered = [.. sessions.Select(s => Array.FindAll(s, i => rows.Outputs[i] > 0))];
        double[] growth =
        [
            .. answered.SelectMany(s => s.Zip(s.Skip(1), (a, b) => (double)rows.Prompts[b] - rows.Prompts[a])),
        ];
        double At(double probability) => Sample.Quantile(turns, probability)!.Value;
        return new Conversations(
            sessions.Length,
            turns.Sum(),
            turns.Average(),
            new TurnQuantiles(At(0.5), At(0.75), At(0.9), At(0.99), turns[^1]),
            [.. Enumerable.Range(1, SharesTold).Select(k => turns.Count(t => t == k) / (double)turns.Length)],
            gaps.Length == 0 ? [] : [.. GapLevels.Select(p => Sample.Quantile(gaps, p)!.Value)],
            gaps.Length == 0 ? null : gaps.Average(),
            gap?.Deviation / gap?.Mean,
            log?.Mean,
            log?.Deviation,
            Mean(answered.SelectMany(s => s.Take(1))),
            Mean(answered.SelectMany(s => s.Skip(1))),
            Percentiles.Of(growth),
            growth.Length == 0 ? null : growth.Average(),
            growth.Length == 0 ? null : growth.Count(g => g < 0) / (double)growth.Length,
            [.. turns.GroupBy(t => t).Select(g => (g.Key, g.Count()))]);

        double? Mean(IEnumerable<int> indices) => indices.Select(i => (double?)rows.Prompts[i]).Average();
    }

    /// <summary>The rows of each session, in order of time.</summary>
    internal static int[][] BySession(ServiceRows rows)
    {
        if (rows.Sessions.Length == 0)
        {
            return [];
        }

        int[] counts = new int[rows.Sessions.DefaultIfEmpty(0).Max() + 1];
        foreach (int session in rows.Sessions)
        {
            counts[session]++;
        }

        counts[0] = 0;
        int[][] sessions = [.. counts.Select(c => new int[c])];
        int[] at = new int[counts.Length];
        for (int i = 0; i < rows.Count; i++)
        {
            if (rows.Sessions[i] is > 0 and var session)
            {
                sessions[session][at[session]++] = i;
            }
        }

        return Array.FindAll(sessions, s => s.Length > 0);
    }
}

/// <summary>How many turns conversations have.</summary>
/// <param name="P50">The median.</param>
/// <param name="P75">What 75 % do not exceed.</param>
/// <param name="P90">What 90 % do not exceed.</param>
/// <param name="P99">What 99 % do not exceed.</param>
/// <param name="Max">The most.</param>
public readonly record struct TurnQuantiles(double P50, double P75, double P90, double P99, int Max);
