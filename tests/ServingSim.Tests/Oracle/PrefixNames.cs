namespace ServingSim.Tests.Oracle;

/// <summary>
/// Numbers every sequence of tokens: two sequences have the same number exactly if they hold the same tokens in the
/// same order under the same salt. The number of the tokens up to a block's end is therefore vLLM's chain hash of that
/// block, without collisions.
/// </summary>
internal sealed class PrefixNames
{
    private readonly Dictionary<(int Prefix, string Stream, int Index), int> _extensions = [];

    /// <summary>The empty sequence under a salt.</summary>
    public int Root(string? salt) => salt is null ? 0 : Extend(0, salt, -1);

    /// <summary>The sequence <paramref name="prefix"/> followed by one more token of a stream.</summary>
    public int Extend(int prefix, string stream, int index)
    {
        if (!_extensions.TryGetValue((prefix, stream, index), out int name))
        {
            name = _extensions.Count + 1;
            _extensions.Add((prefix, stream, index), name);
        }

        return name;
    }
}
