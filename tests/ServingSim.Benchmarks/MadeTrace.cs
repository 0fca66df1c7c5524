using System.Text;
using ServingSim.Kernel;

namespace ServingSim.Benchmarks;

/// <summary>A trace file that is made up to be read: one row every two seconds or so, some of one second.</summary>
/// <param name="Source">The source that replays it.</param>
/// <param name="Header">Its first line.</param>
/// <param name="Row">A row of a time, prompt tokens and output tokens.</param>
public sealed record MadeTrace(string Source, string Header, Func<SimTime, int, int, string> Row)
{
    private const int MeanGapMs = 1785;

    /// <summary>As BurstGPT's first release.</summary>
    public static MadeTrace BurstGpt { get; } = new(
        "trace",
        "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type",
        (time, prompt, output) =>
            $"{time.Ticks / SimTime.TicksPerSecond},{(prompt % 10 == 0 ? "GPT-4" : "ChatGPT")},{prompt},{output},"
            + $"{prompt + output},{(prompt % 5 == 0 ? "Conversation log" : "API log")}");

    /// <summary>As Azure's of 2024.</summary>
    public static MadeTrace Azure { get; } = new(
        "azure-trace",
        "TIMESTAMP,ContextTokens,GeneratedTokens",
        (time, prompt, output) =>
            $"{DateTimeOffset.UnixEpoch.AddSeconds(time.TotalSeconds):yyyy-MM-dd HH:mm:ss.ffffff}+00:00,"
            + $"{prompt},{output}");

    /// <summary>With the columns that every file of the plain format has.</summary>
    public static MadeTrace Plain { get; } = new(
        "plain-trace",
        "arrival_s,prompt_tokens,output_tokens",
        (time, prompt, output) => $"{time.TotalSeconds:0.000},{prompt},{output}");

    /// <summary>Where it is while this process reads it.</summary>
    public string File => Path.Combine(Path.GetTempPath(), $"servingsim-{Environment.ProcessId}-{Source}.csv");

    /// <summary>Writes so many rows, always the same.</summary>
    public void Write(long rows)
    {
        RandomStream random = new RandomStreams(1).Stream("made-trace");
        using StreamWriter file = new(File, append: false, Encoding.ASCII) { NewLine = "\n" };
        file.WriteLine(Header);
        long milliseconds = 0;
        for (long i = 0; i < rows; i++)
        {
            Draws draws = random.At(i);
            milliseconds += draws.NextIndex(2 * MeanGapMs);
            int prompt = 1 + draws.NextIndex(2000);
            file.WriteLine(Row(SimTime.FromMilliseconds(milliseconds), prompt, 1 + draws.NextIndex(500)));
        }
    }
}
