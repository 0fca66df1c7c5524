namespace ServingSim.Experiments.Planning;

/// <summary>
/// Finds the least count that is enough, if with one count every greater one is enough too: from a guess it gallops
/// (steps of 1, 2, 4, ...) until the answer lies between two counts, and then bisects. Whoever asks it tries
/// <see cref="Next"/> and tells the answer.
/// </summary>
public sealed class CountSearch
{
    private readonly int _guess;
    private int _above;
    private int _below;
    private int _most;
    private int _step = 1;
    private bool _isKnownAbove;
    private bool _isKnownBelow;

    /// <summary>A search from <paramref name="from"/> to <paramref name="most"/>.</summary>
    /// <param name="from">The least count.</param>
    /// <param name="most">The greatest count.</param>
    /// <param name="guess">Where to begin.</param>
    public CountSearch(int from, int most, int guess)
    {
        (_below, _above, _most) = (from - 1, most + 1, most);
        _guess = Math.Clamp(guess, from, Math.Max(from, most));
    }

    /// <summary>What to try next; null when it is known.</summary>
    public int? Next
    {
        get
        {
            if (_above - _below <= 1)
            {
                return null;
            }

            return (_isKnownBelow, _isKnownAbove) switch
            {
                (false, false) => Math.Min(_guess, _above - 1),
                (true, true) => _below + ((_above - _below) / 2),
                (true, false) => Math.Min(_below + _step, _above - 1),
                (false, true) => Math.Max(_above - _step, _below + 1),
            };
        }
    }

    /// <summary>The least count that is enough; null if none is, or if it is not known yet.</summary>
    public int? Answer => Next is null && _isKnownAbove && _above <= _most ? _above : null;

    /// <summary>Tells whether <see cref="Next"/> was enough.</summary>
    public void Tell(bool isEnough)
    {
        int tried = Next ?? throw new InvalidOperationException("nothing is asked");
        bool isFirst = !_isKnownAbove && !_isKnownBelow;
        if (isEnough)
        {
            (_above, _isKnownAbove) = (tried, true);
        }
        else
        {
            (_below, _isKnownBelow) = (tried, true);
        }

        _step = isFirst ? 1 : _step * 2;
    }

    /// <summary>Counts above this are of no use any more.</summary>
    public void Limit(int most)
    {
        if (most < _above - 1)
        {
            (_above, _isKnownAbove) = (Math.Max(most, _below) + 1, false);
            _most = most;
        }
    }
}
