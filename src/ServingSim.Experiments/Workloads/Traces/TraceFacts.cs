namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>What a row of a trace may tell beside its time and its lengths; not every format can.</summary>
[Flags]
internal enum TraceFacts
{
    /// <summary>Nothing else.</summary>
    None = 0,

    /// <summary>The model that answered.</summary>
    Model = 1 << 0,

    /// <summary>The service.</summary>
    LogType = 1 << 1,

    /// <summary>The conversation.</summary>
    Session = 1 << 2,

    /// <summary>The client's organisation.</summary>
    Tenant = 1 << 3,

    /// <summary>The urgency.</summary>
    Priority = 1 << 4,

    /// <summary>The group whose prompts begin alike, and how far.</summary>
    Prefix = 1 << 5,

    /// <summary>The tokens of a shared prefix that do not fill a block.</summary>
    EndOfPrefix = 1 << 6,

    /// <summary>A hash for every block of the prompt.</summary>
    HashIds = 1 << 7,

    /// <summary>How long the answer took.</summary>
    ElapsedTime = 1 << 8,

    /// <summary>The part of the time that is shorter than 100 ns.</summary>
    FineTime = 1 << 9,
}
