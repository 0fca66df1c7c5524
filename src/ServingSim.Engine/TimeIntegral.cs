namespace ServingSim.Engine;

/// <summary>
/// ∫ count dt in count ticks, exact however long it gets: 64 bits hold what was added last, 128 what was before.
/// </summary>
internal struct TimeIntegral
{
    // A span of up to 44 s, times a count of up to a million, is below 2^62
    private const int ShortSpanBits = 42;
    private const int SmallCountBits = 20;
    private const long Full = 1L << 62;

    private Int128 _whole;
    private long _part;

    internal readonly Int128 Value => _whole + _part;

    /// <summary>So many for so long; neither is negative.</summary>
    internal void Add(long ticks, int count)
    {
        if ((ticks >> ShortSpanBits) != 0 || (count >> SmallCountBits) != 0)
        {
            _whole += (Int128)ticks * count;
            return;
        }

        _part += ticks * count;
        if (_part >= Full)
        {
            Add(_part);
            _part = 0;
        }
    }

    internal void Add(Int128 more) => _whole += more;
}
