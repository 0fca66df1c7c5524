using CsCheck;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads.Traces;

/// <summary>Random rows through every pair of formats.</summary>
public sealed class TraceConverterLawTests : IDisposable
{
    private const int BlockTokens = 16;

    private static readonly TraceFormat[] Formats =
        [TraceFormat.BurstGpt, TraceFormat.Azure, TraceFormat.Mooncake, TraceFormat.Plain];

    private static readonly string?[] SomeNames = [null, "a", "b, \"c\"", "ä d"];

    private static readonly Gen<TraceFormat> GenFormat = Gen.Int[0, Formats.Length - 1].Select(i => Formats[i]);

    private static readonly Gen<string?> GenName = Gen.Int[0, SomeNames.Length - 1].Select(i => SomeNames[i]);

    /// <summary>Rows that tell all that any format can; time is in units of 100 ns, the coarsest of all.</summary>
    private static readonly Gen<Row> GenRow = Gen.Select(
        Gen.Frequency((2, Gen.Const(0L)), (1, Gen.Long[1, 50_000_000]), (1, Gen.Const(10_000_000L))),
        Gen.Int[1, 60], Gen.Int[0, 3], Gen.Select(GenName, GenName), Gen.Int[-2, 2], Gen.Int[0, 60],
        (gap, prompt, output, names, priority, prefix) => new Row(
            gap, prompt, output, names.Item1, names.Item2, priority, Math.Min(prefix, prompt)));

    private readonly string _folder = Directory.CreateTempSubdirectory("servingsim-convert-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_pair_of_formats_keeps_what_both_hold_and_counts_the_rest() => Gen.Select(
        GenRow.Array[1, 12], GenFormat, GenFormat).Sample(
            (rows, from, to) => Check(rows, from, to), iter: 400, threads: 1);

    private void Check(Row[] rows, TraceFormat from, TraceFormat to)
    {
        rows = [.. rows, new Row(1, 1, 1, null, null, 0, 0)];
        string input = Path.Combine(_folder, "in");
        string output = Path.Combine(_folder, "out");
        File.WriteAllText(input, Text(rows, from));
        TraceConversion result = TraceConverter.Run(input, null, output, to, BlockTokens, true, default);
        List<TraceRow> before = Read(from, input);
        List<TraceRow> kept = [.. before.Where(r => !r.Failed)];
        List<TraceRow> after = Read(to, output);

        Assert.Equal(from, result.From);
        Assert.Equal(
            (rows.Length, before.Count - kept.Count, kept.Count),
            (result.RowsRead, result.Failed, result.RowsWritten));
        Assert.Equal(
            kept.Select(r => (r.PromptTokens, r.OutputTokens)), after.Select(r => (r.PromptTokens, r.OutputTokens)));
        bool fromFirstWritten = to == TraceFormat.Azure;
        SimTime origin = fromFirstWritten ? kept[0].Recorded
            : to == TraceFormat.Plain && from != TraceFormat.Plain ? before[0].Recorded : SimTime.Zero;
        Assert.Equal(kept.Select(r => r.Recorded - origin), after.Select(r => r.Recorded));

        TraceFacts both = Held(from) & Held(to);
        Assert.Equal(kept.Select(r => Told(r, both)), after.Select(r => Told(r, both)));
        foreach ((TraceFacts fact, string name) in new[]
        {
            (TraceFacts.Model, "model"), (TraceFacts.LogType, "log type"), (TraceFacts.Session, "session"),
            (TraceFacts.Tenant, "tenant"), (TraceFacts.Priority, "priority"), (TraceFacts.HashIds, "hash ids"),
            (TraceFacts.ElapsedTime, "elapsed time"),
        })
        {
            long expected = Held(to).HasFlag(fact) ? 0 : kept.Count(r => r.Facts.HasFlag(fact));
            Assert.Equal(expected, result.Lost.SingleOrDefault(l => l.What == name).Rows);
        }
    }

    private static TraceFacts Held(TraceFormat format) => format switch
    {
        TraceFormat.BurstGpt =>
            TraceFacts.Model | TraceFacts.LogType | TraceFacts.Session | TraceFacts.ElapsedTime,
        TraceFormat.Azure => TraceFacts.None,
        TraceFormat.Mooncake => TraceFacts.HashIds,
        _ => TraceFacts.Session | TraceFacts.Tenant | TraceFacts.Priority | TraceFacts.Prefix,
    };

    private static string Told(TraceRow row, TraceFacts facts)
    {
        object?[] told =
        [
            facts.HasFlag(TraceFacts.Model) ? row.Names.Model : null,
            facts.HasFlag(TraceFacts.LogType) ? row.Names.LogType : null,
            facts.HasFlag(TraceFacts.Session) ? row.Names.Session : null,
            facts.HasFlag(TraceFacts.Tenant) ? row.Names.Tenant : null,
            facts.HasFlag(TraceFacts.Priority) ? row.Priority : null,
            facts.HasFlag(TraceFacts.ElapsedTime) ? row.ElapsedTime : null,
            facts.HasFlag(TraceFacts.Prefix) ? row.Prefix : null,
            facts.HasFlag(TraceFacts.HashIds) ? string.Join(' ', row.Beginning!.Select(b => b.Stream.Id)) : null,
        ];
        return string.Join('|', told);
    }

    private static List<TraceRow> Read(TraceFormat format, string file)
    {
        using ITraceRows rows = TraceFormats.Open(format, new FilePath(file, file), BlockTokens);
        List<TraceRow> all = [];
        while (rows.TryRead(out TraceRow row))
        {
            all.Add(row);
        }

        return all;
    }

    private static string Text(Row[] rows, TraceFormat format)
    {
        string header = format switch
        {
            TraceFormat.BurstGpt =>
                "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n",
            TraceFormat.Azure => "TIMESTAMP,ContextTokens,GeneratedTokens\n",
            TraceFormat.Mooncake => "",
            _ => "arrival_s,prompt_tokens,output_tokens,session,prefix,priority,tenant\n",
        };
        decimal ticks = 30_000_000;
        return header + string.Concat(rows.Select(r => Line(r, (ticks += r.Gap) / 10_000_000, format) + "\n"));
    }

    private static string Line(Row r, decimal seconds, TraceFormat format) => format switch
    {
        TraceFormat.BurstGpt =>
            $"{seconds},{Quoted(r.Name)},{r.Priority * 2},{Quoted(r.Other ?? "GPT-4")},{r.Prompt},{r.Output},"
            + $"{r.Prompt + r.Output},{Quoted(r.Name ?? "API log")}",
        TraceFormat.Azure =>
            $"{new DateTime(2023, 1, 1).AddTicks((long)(seconds * 10_000_000)):yyyy-MM-dd HH:mm:ss.fffffff},"
            + $"{r.Prompt},{r.Output}",
        TraceFormat.Mooncake =>
            $"{{\"timestamp\": {seconds * 1000}, \"input_length\": {r.Prompt}, \"output_length\": {r.Output}, "
            + $"\"hash_ids\": [{string.Join(", ", Ids(r))}]}}",
        _ => $"{seconds},{r.Prompt},{r.Output},{Quoted(r.Name)},{(r.Prefix > 0 ? $"{r.Prompt % 3}:{r.Prefix}" : "")},"
            + $"{(r.Priority == 0 ? "" : r.Priority)},{Quoted(r.Other)}",
    };

    private static IEnumerable<int> Ids(Row r) =>
        Enumerable.Range(r.Prefix, (r.Prompt + BlockTokens - 1) / BlockTokens);

    private static string Quoted(string? name) => name is null ? "" : $"\"{name.Replace("\"", "\"\"")}\"";

    private sealed record Row(long Gap, int Prompt, int Output, string? Name, string? Other, int Priority, int Prefix);
}
