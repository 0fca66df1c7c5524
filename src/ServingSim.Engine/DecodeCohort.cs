using System.Numerics;
using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>
/// The decoding requests, advancing together: a step moves one counter, and each request's computed tokens and the
/// step in which it finishes follow from what it stored when it joined. So a step costs the same for any number of
/// requests. A request may also advance by itself, when others miss the step.
/// </summary>
internal sealed class DecodeCohort
{
    private const int FewestBuckets = 256;
    private const int WordBits = 64;

    private readonly int _blockSize;

    /// <summary>How many requests stand on each place within a block, seen from step 0.</summary>
    private readonly int[] _byPlace;

    private readonly int[] _byClass = new int[ItlClass.Limit];
    private int _classes;

    /// <summary>Where those stand, seen from step 0, who need a block for their next token.</summary>
    private int _fullPlace;

    /// <summary>A calendar: the requests that finish at a step, linked, by step modulo the calendar's length.</summary>
    private Request?[] _finishing = new Request?[FewestBuckets];

    /// <summary>A bit for each bucket of the calendar that holds somebody.</summary>
    private ulong[] _occupied = new ulong[FewestBuckets / WordBits];

    internal DecodeCohort(int blockSize)
    {
        _blockSize = blockSize;
        _byPlace = new int[blockSize];
    }

    /// <summary>Steps begun so far in which the whole cohort advanced.</summary>
    internal long Step { get; private set; }

    internal int Count { get; private set; }

    /// <summary>Σ of the computed tokens.</summary>
    internal long ContextTokens { get; private set; }

    /// <summary>How many requests need a new block for their next token: those whose blocks are full.</summary>
    internal int BlocksForNextToken => _byPlace[_fullPlace];

    /// <summary>How many steps after the present one the next request finishes; 0: in the present one.</summary>
    internal long StepsToNextFinish
    {
        get
        {
            int from = Bucket(Step);
            int word = from / WordBits;
            ulong bits = _occupied[word] & (ulong.MaxValue << (from % WordBits));
            for (int i = 0; bits == 0; i++)
            {
                Check.That(i <= _occupied.Length, "nobody decodes");
                word = word + 1 == _occupied.Length ? 0 : word + 1;
                bits = _occupied[word];
            }

            int bucket = (word * WordBits) + BitOperations.TrailingZeroCount(bits);
            return bucket >= from ? bucket - from : bucket + _finishing.Length - from;
        }
    }

    /// <summary>
    /// How many requests there are of each <see cref="ItlClass"/>, by its index, as far as there ever were any.
    /// </summary>
    internal ReadOnlySpan<int> CountsByClass => _byClass.AsSpan(0, _classes);

    internal bool NeedsBlockForNextToken(Request request) => request.ComputedTokens % _blockSize == 0;

    internal int ComputedTokensOf(Request request) => (int)(request.ComputedAtStepZero + Step);

    /// <summary>The token that a step in flight will sample counts from the moment the step begins.</summary>
    internal int GeneratedTokensOf(Request request) => request.OutputLimit - (int)(request.FinishStep - Step);

    /// <summary>Takes in a request whose known tokens are all computed but the last generated one.</summary>
    internal void Join(Request request)
    {
        int computed = request.ComputedTokens;
        int remaining = request.OutputLimit - request.GeneratedTokens;
        Check.That(remaining >= 1, $"request {request.Id} has generated all its tokens");
        request.ComputedAtStepZero = computed - Step;
        request.FinishStep = Step + remaining;
        request.Cohort = this;
        _byPlace[Place(request.ComputedAtStepZero)]++;
        _byClass[request.ItlClass.Index]++;
        _classes = Math.Max(_classes, request.ItlClass.Index + 1);
        ContextTokens += computed;
        Count++;
        Enter(request);
    }

    /// <summary>Lets a request go; its computed and generated tokens stand where they are.</summary>
    internal void Leave(Request request)
    {
        (int computed, int generated) = (ComputedTokensOf(request), GeneratedTokensOf(request));
        Exit(request);
        _byPlace[Place(request.ComputedAtStepZero)]--;
        _byClass[request.ItlClass.Index]--;
        ContextTokens -= computed;
        Count--;
        request.Cohort = null;
        request.SetComputed(computed);
        request.SetGenerated(generated);
    }

    /// <summary>Every request computes so many tokens more.</summary>
    internal void AdvanceAll(long steps = 1)
    {
        Step += steps;
        _fullPlace = FullPlaceAfter(steps < _blockSize ? (int)steps : (int)(steps % _blockSize));
        ContextTokens += Count * steps;
    }

    /// <summary>For how many of the next steps, at most <paramref name="most"/>, the blocks suffice.</summary>
    internal long StepsWithin(int blocks, long most)
    {
        // In block_size steps every request needs one block
        if ((most + _blockSize - 1) * Count <= (long)blocks * _blockSize)
        {
            return most;
        }

        long periods = Math.Min(most / _blockSize, blocks / Count);
        long left = blocks - (periods * Count);
        long steps = periods * _blockSize;
        for (int i = 1; steps < most && (left -= BlocksInStep(i)) >= 0; i++)
        {
            steps++;
        }

        return steps;
    }

    /// <summary>How many blocks the next steps need together.</summary>
    internal int BlocksForSteps(long steps)
    {
        (long periods, long rest) = steps < _blockSize ? (0, steps) : Math.DivRem(steps, _blockSize);
        long blocks = periods * Count;
        for (int i = 1; i <= rest; i++)
        {
            blocks += BlocksInStep(i);
        }

        return (int)blocks;
    }

    /// <summary>
    /// Σ, over the blocks that the next steps but the last take, of the time from when the step that takes it begins to
    /// when the last begins; in block ticks. <paramref name="times"/> are of the present step and those that follow.
    /// </summary>
    internal Int128 BlockTicks(long steps, StepTimes times)
    {
        // Hours of steps of a large batch need more than 64 bits, most runs do not
        long periods = (steps / _blockSize) + 1;
        return (double)times.TicksWithinClock(steps) * periods * (Count + 1) < 1L << 60
            ? BlockTicksIn<long>(steps, times)
            : BlockTicksIn<Int128>(steps, times);
    }

    private T BlockTicksIn<T>(long steps, StepTimes times)
        where T : struct, IBinaryInteger<T>
    {
        // Whole periods, in which every request takes a block, and the beginning of another
        (long periods, long rest) = steps <= _blockSize ? (0, steps - 1) : Math.DivRem(steps - 1, _blockSize);
        StepMoments<T> beginning = BlocksInSteps(default(StepMoments<T>), 1, (int)rest);
        StepMoments<T> taken = beginning;
        if (periods > 0)
        {
            T period = T.CreateTruncating(_blockSize);
            T repeats = T.CreateTruncating(periods);
            taken = BlocksInSteps(beginning, (int)rest + 1, _blockSize).Repeated(repeats, period)
                + beginning.After(repeats * period);
        }

        return (T.CreateTruncating(times.TicksWithinClock(steps)) * taken.Count) - times.SumOfTicks(taken);
    }

    /// <summary>The blocks that these of the next block_size steps need, besides those before.</summary>
    private StepMoments<T> BlocksInSteps<T>(StepMoments<T> before, int first, int last)
        where T : struct, IBinaryInteger<T>
    {
        for (int i = first; i <= last; i++)
        {
            before = before.With(BlocksInStep(i), i);
        }

        return before;
    }

    /// <summary>One request computes one token more, the others none.</summary>
    internal void Advance(Request request)
    {
        Exit(request);
        _byPlace[Place(request.ComputedAtStepZero)]--;
        request.ComputedAtStepZero++;
        request.FinishStep--;
        _byPlace[Place(request.ComputedAtStepZero)]++;
        ContextTokens++;
        Enter(request);
    }

    /// <summary>Adds to <paramref name="finished"/> the requests whose last token the present step samples.</summary>
    internal void CollectFinished(List<Request> finished)
    {
        for (Request? r = _finishing[Bucket(Step)]; r is not null; r = r.NextInBucket)
        {
            finished.Add(r);
        }
    }

    private void Enter(Request request)
    {
        // No two different steps of the calendar may share a bucket
        while (request.FinishStep - Step >= _finishing.Length)
        {
            Grow();
        }

        int bucket = Bucket(request.FinishStep);
        ref Request? first = ref _finishing[bucket];
        _occupied[bucket / WordBits] |= 1UL << (bucket % WordBits);
        (request.PreviousInBucket, request.NextInBucket) = (null, first);
        if (first is not null)
        {
            first.PreviousInBucket = request;
        }

        first = request;
    }

    private void Exit(Request request)
    {
        if (request.PreviousInBucket is { } previous)
        {
            previous.NextInBucket = request.NextInBucket;
        }
        else
        {
            int bucket = Bucket(request.FinishStep);
            _finishing[bucket] = request.NextInBucket;
            if (request.NextInBucket is null)
            {
                _occupied[bucket / WordBits] &= ~(1UL << (bucket % WordBits));
            }
        }

        if (request.NextInBucket is { } next)
        {
            next.PreviousInBucket = request.PreviousInBucket;
        }

        (request.PreviousInBucket, request.NextInBucket) = (null, null);
    }

    private void Grow()
    {
        Request?[] old = _finishing;
        _finishing = new Request?[old.Length * 2];
        _occupied = new ulong[_finishing.Length / WordBits];
        foreach (Request? first in old)
        {
            if (first is not null)
            {
                // All requests of a bucket finish at the same step
                int bucket = Bucket(first.FinishStep);
                _finishing[bucket] = first;
                _occupied[bucket / WordBits] |= 1UL << (bucket % WordBits);
            }
        }
    }

    /// <summary>The blocks that the i-th of the next steps needs, from 1 to block_size.</summary>
    private int BlocksInStep(int i) => _byPlace[FullPlaceAfter(i - 1)];

    /// <summary>Where those stand, seen from step 0, who need a block after fewer than block_size steps.</summary>
    private int FullPlaceAfter(int steps)
    {
        int place = _fullPlace - steps;
        return place < 0 ? place + _blockSize : place;
    }

    private int Bucket(long step) => (int)(step & (_finishing.Length - 1));

    private int Place(long tokens)
    {
        int rest = (int)(tokens % _blockSize);
        return rest < 0 ? rest + _blockSize : rest;
    }
}
