namespace ServingSim.Cluster.Transfer;

/// <summary>One direction of a network card, or of what connects the GPUs of a node.</summary>
public sealed class KvPort
{
    internal KvPort(int index, long bytesPerS) => (Index, BytesPerS) = (index, bytesPerS);

    /// <summary>What it moves at most, in bytes a second; 0 while it is cut.</summary>
    public long BytesPerS { get; internal set; }

    /// <summary>Bytes moved through it so far, counted when a transfer is complete.</summary>
    public Int128 MovedBytes { get; internal set; }

    /// <summary>Its place among the ports of its network: ties go to the first.</summary>
    internal int Index { get; }

    /// <summary>The transfers that share it.</summary>
    internal List<KvTransfer> Transfers { get; } = [];

    /// <summary>What the sharing that is being made has not given away, in bytes a second.</summary>
    internal long Left { get; set; }

    /// <summary>Transfers that have no share yet in the sharing that is being made.</summary>
    internal int Unshared { get; set; }

    /// <summary>The last sharing that it was part of.</summary>
    internal long Sharing { get; set; }
}
