using CsCheck;
using Xunit;

namespace ServingSim.Tests.Oracle;

/// <summary>The oracle's clock and sums: timelines computed by hand, and laws over random runs.</summary>
public sealed class OracleTimelineTests
{
    private static readonly OracleConfig Small = new() { NumGpuBlocks = 11, MaxModelLen = 160 };

    [Fact]
    public void A_step_lasts_what_its_shape_says()
    {
        List<OracleStepShape> shapes = [];
        OracleEngine engine = OracleEngine.Run(
            Small with { MaxNumBatchedTokens = 40, MaxNumSeqs = 10 },
            [Request(0, prompt: 20, output: 3, arrival: 7), Request(1, prompt: 50, output: 2, arrival: 8)],
            shape =>
            {
                shapes.Add(shape);
                return 10 + shape.Prefills.Sum(chunk => chunk.Tokens);
            });

        Assert.Equal([7, 37, 86], engine.Steps.Select(step => step.Start).Take(3));
        Assert.Equal([new OracleChunk(20, 0)], shapes[0].Prefills);
        Assert.Equal([new OracleChunk(39, 0)], shapes[1].Prefills);
        Assert.Equal([new OracleChunk(11, 39)], shapes[2].Prefills);
        Assert.Equal([0, 21, 22, 51], shapes.Select(shape => shape.DecodeContextTokens));
        Assert.Equal([0, 1, 1, 1], shapes.Select(shape => shape.Decodes));
        Assert.Equal([1, 1, 2, 1], shapes.Select(shape => shape.SampledTokens));
        Assert.Equal([37, 86, 107], engine.Sequences[0].TokenTimes);
        Assert.Equal([107, 117], engine.Sequences[1].TokenTimes);
        Assert.Equal(37, engine.Sequences[1].FirstScheduledTime);
        Assert.Equal(((37 - 7) * 2) + ((86 - 37) * 5) + ((107 - 86) * 6) + ((117 - 107) * 4), engine.UsedBlockTicks);
        Assert.Equal(37 - 8, engine.WaitingTicks);
    }

    [Fact]
    public void A_request_that_arrives_as_a_step_ends_joins_the_next()
    {
        OracleEngine engine = OracleEngine.Run(
            Small, [Request(0, 10, 2), Request(1, 10, 1, arrival: 5), Request(2, 10, 1, arrival: 10)], _ => 5);
        Assert.Equal([(0, 0L), (1, 5L), (2, 10L)], engine.Sequences.Select(s => (s.Id, s.FirstScheduledTime!.Value)));
        Assert.Equal([0], engine.Steps[1].Scheduled.Where(part => part.IsDecode).Select(part => part.Request));
    }

    [Fact]
    public void A_prompt_that_leaves_no_room_for_a_token_is_refused()
    {
        OracleEngine engine = OracleEngine.Run(Small, [Request(0, 160, 1), Request(1, 159, 5)], _ => 1);
        Assert.True(engine.Sequences[0].IsRefused);
        Assert.Null(engine.Sequences[0].FinishTime);
        Assert.Equal(1, engine.Sequences[1].OutputTokens);
    }

    [Fact]
    public void The_gap_across_a_preemption_starts_at_the_last_token()
    {
        OracleConfig config = Small with { EnablePrefixCaching = false };
        OracleEngine engine = OracleEngine.Run(config, [Request(0, 80, 3), Request(1, 80, 2)], _ => 10);
        OracleSequence victim = engine.Sequences[1];
        Assert.Equal(1, victim.Preemptions);
        Assert.Equal(2, victim.Admissions);
        Assert.Equal([10, 40], victim.TokenTimes);
        Assert.Equal([30], victim.InterTokenTimes);
    }

    [Fact]
    public void Queries_and_hits_count_once_an_admission_and_apart_for_resumed_requests()
    {
        OracleEngine engine = OracleEngine.Run(Small, [Request(0, 80, 3), Request(1, 80, 2)], _ => 10);
        OracleTotals totals = OracleTotals.Of(engine);
        Assert.Equal((160, 0), (totals.FirstQueries, totals.FirstHits));
        Assert.Equal((81, 64), (totals.ResumeQueries, totals.ResumeHits));
        Assert.Equal(1, totals.Preemptions);

        // r0 takes block 10 of r1 as it grows; r1 comes back to 6-9, the unregistered 10, and block 5 of r0.
        Assert.Equal(2, totals.Evictions);
        Assert.Equal([6, 7, 8, 9, 10, 5], engine.Steps[3].Scheduled[0].NewBlocks);
        Assert.Equal(0, engine.Sequences[1].CachedTokens);
        Assert.Equal(64, engine.Sequences[1].HitTokens);
    }

    [Fact]
    public void Random_runs_keep_the_laws() => RandomRuns.Sample(
        run =>
        {
            OracleEngine engine = OracleEngine.Run(run.Config, run.Requests, shape => 3 + shape.DecodeContextTokens);
            CheckRequests(run.Config, engine);
            CheckSums(run.Config, engine);
        },
        iter: 2000);

    private static readonly Gen<OracleConfig> RandomConfigs =
        from blocks in Gen.Int[4, 24]
        from blockSize in Gen.Int[1, 8]
        from maxSeqs in Gen.Int[1, 8]
        from budget in Gen.Int[0, 60]
        from threshold in Gen.Int[0, 20]
        from chunked in Gen.Bool
        from caching in Gen.Bool
        from late in Gen.Bool
        from reserve in Gen.Bool
        from priority in Gen.Bool
        let maxModelLen = Math.Max(2, (blocks - 1) * blockSize)
        select new OracleConfig
        {
            Profile = late ? OracleProfile.VllmV1Late : OracleProfile.VllmV1,
            NumGpuBlocks = blocks,
            BlockSize = blockSize,
            MaxNumSeqs = maxSeqs,
            MaxModelLen = maxModelLen,
            MaxNumBatchedTokens = (chunked ? maxSeqs : Math.Max(maxSeqs, maxModelLen)) + budget,
            LongPrefillTokenThreshold = threshold,
            EnableChunkedPrefill = chunked,
            EnablePrefixCaching = caching,
            ReserveFullIsl = late && reserve,
            Watermark = late ? 0.1 : 0,
            Policy = priority ? OraclePolicy.Priority : OraclePolicy.Fcfs,
        };

    private static readonly Gen<OracleRequest> RandomRequests =
        from shared in Gen.Int[1, 40]
        from stream in Gen.Int[0, 2]
        from own in Gen.Int[1, 20]
        from output in Gen.Int[1, 25]
        from arrival in Gen.Long[0, 600]
        from priority in Gen.Int[0, 2]
        select new OracleRequest(0, [new($"sh{stream}", shared), new("own", own)], output, arrival)
        {
            Priority = priority,
        };

    private static readonly Gen<(OracleConfig Config, OracleRequest[] Requests)> RandomRuns =
        from config in RandomConfigs
        from requests in RandomRequests.Array[5, 30]
        select (config, requests.Select((request, id) => request with { Id = id, RankTime = id }).ToArray());

    private static void CheckRequests(OracleConfig config, OracleEngine engine)
    {
        foreach (OracleSequence sequence in engine.Sequences.Where(sequence => !sequence.IsRefused))
        {
            int room = config.MaxModelLen - sequence.PromptTokens;
            Assert.Equal(Math.Min(room, sequence.Request.MaxTokens), sequence.OutputTokens);
            Assert.Equal(sequence.OutputTokens, sequence.TokenTimes.Count);
            Assert.Equal(sequence.FinishTime, sequence.TokenTimes[^1]);
            Assert.Equal(sequence.Admissions, sequence.Preemptions + 1);
            Assert.True(sequence.Request.Arrival <= sequence.FirstScheduledTime);
            long computed = engine.Steps.Sum(step =>
                step.Scheduled.Where(part => part.Request == sequence.Id).Sum(part => (long)part.Tokens));
            long useful = sequence.KnownTokens - 1 - sequence.CachedTokens!.Value;
            Assert.True(sequence.Preemptions > 0 ? computed >= 0 : computed == useful);
        }
    }

    private static void CheckSums(OracleConfig config, OracleEngine engine)
    {
        int usable = config.NumGpuBlocks - 1;
        Assert.Equal(Enumerable.Range(1, usable), engine.FreeQueue.Order());
        Assert.Equal(engine.Steps.Sum(step => step.Duration * (usable - step.FreeBlocks)), engine.UsedBlockTicks);
        Assert.Equal(engine.Steps.Sum(step => step.Duration * step.Running.Count), engine.RunningTicks);
        Assert.Equal(
            engine.Sequences.Where(s => !s.IsRefused).Sum(s => s.FinishTime!.Value - s.Request.Arrival),
            engine.RunningTicks + engine.WaitingTicks);
        foreach (OracleStep step in engine.Steps)
        {
            int tokens = step.Scheduled.Sum(part => part.Tokens);
            Assert.InRange(tokens, 0, config.MaxNumBatchedTokens);
            Assert.InRange(step.Running.Count, 0, config.MaxNumSeqs);
            Assert.Equal(tokens, step.Shape.Decodes + step.Shape.Prefills.Sum(chunk => chunk.Tokens));
            Assert.Equal(step.Sampled.Count, step.Shape.SampledTokens);
            Assert.True(step.Preempted.Count == 0 || step.Admitted.Count == 0);
        }
    }

    private static OracleRequest Request(int id, int prompt, int output, long arrival = 0) =>
        new(id, [new OracleSegment($"own{id}", prompt)], output, arrival);
}
