namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// A trace file cannot be used as it is, which is no bug of ours. Says where, what was found and what is expected.
/// </summary>
public sealed class TraceException : Exception
{
    /// <summary>A problem of <paramref name="file"/>, at <paramref name="line"/> where one line is to blame.</summary>
    public TraceException(string file, long? line, string message)
        : base(line is null ? $"{file}: {message}" : $"{file}:{line}: {message}") =>
        (File, Line, Problem) = (file, line, message);

    /// <summary>The file, as the user named it.</summary>
    public string File { get; }

    /// <summary>The line, from 1 (the header); null where the problem is the file's as a whole.</summary>
    public long? Line { get; }

    /// <summary>What was found and what is expected, without the place.</summary>
    public string Problem { get; }

    internal static TraceException NoRow(string file) => new(file, null, "holds no row; expected at least one");
}
