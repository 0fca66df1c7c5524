namespace ServingSim.Tests.Oracle;

/// <summary>Where the KV of a prompt is.</summary>
internal enum OracleRemoteKv
{
    /// <summary>The engine computes it itself.</summary>
    Here,

    /// <summary>On another replica; no block is set aside for it.</summary>
    Elsewhere,

    /// <summary>Being written into blocks that are set aside.</summary>
    OnItsWay,

    /// <summary>Written, and the request waits for its first step.</summary>
    Landed,
}
