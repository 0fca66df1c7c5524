using System.Text;
using ServingSim.Experiments.Results;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Results;

public class CsvTests
{
    private static string[] Lines(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return Encoding.UTF8.GetString(stream.ToArray()).Split('\n');
    }

    [Fact]
    public void A_request_is_a_row_with_fixed_decimals_and_nothing_where_undefined()
    {
        var lines = Lines(stream =>
        {
            using var csv = new CsvRows<RequestRecord>(stream, ResultTables.Requests);
            csv.Write(new RequestRecord
            {
                ClientId = 7,
                ArrivalS = 1.5,
                Labels = "model=GPT-4;service=api",
                Replica = "main/0",
                PromptTokens = 100,
                OutputTokens = 21,
                CachedTokens = 16,
                QueueS = 0,
                TtftS = 0.5,
                TpotS = 0.1,
                E2eS = 2.5,
                Preemptions = 1,
                FinishReason = FinishReason.Length,
                SloMet = true,
                PrefillReplica = "prefill/2",
                TransferS = 0.25,
            });
            csv.Write(new RequestRecord
            {
                ClientId = 8,
                ArrivalS = 20_000_000.000001,
                PromptTokens = 9_000_000_000,
                OutputTokens = 0,
                FinishReason = FinishReason.TooLong,
                IsWarmup = true,
            });
        });
        Assert.Equal(
            [
                "client_id,attempt,arrival_s,labels,replica,prompt_tokens,output_tokens,cached_tokens,"
                    + "queue_s,ttft_s,tpot_s,e2e_s,preemptions,finish_reason,warmup,slo_met,prefill_replica,transfer_s",
                "7,1,1.500000,model=GPT-4;service=api,main/0,100,21,16,"
                    + "0.000000000,0.500000000,0.100000000,2.500000000,1,length,0,1,prefill/2,0.250000000",
                "8,1,20000000.000001,,,9000000000,0,0,,,,,0,refused:too_long,1,,,",
                "",
            ],
            lines);
    }

    [Fact]
    public void Text_with_commas_and_quotes_is_quoted()
    {
        var row = Lines(stream =>
        {
            using var csv = new CsvRows<RequestRecord>(stream, ResultTables.Requests);
            csv.Write(new RequestRecord
            {
                ClientId = 0,
                ArrivalS = 0,
                Labels = "tenant=a,\"b\"é",
                PromptTokens = 1,
                OutputTokens = 0,
                FinishReason = FinishReason.Unfinished,
            });
        })[1];
        Assert.StartsWith("0,1,0.000000,\"tenant=a,\"\"b\"\"é\",,1,0,", row);
    }

    [Fact]
    public void A_step_keeps_every_tick()
    {
        var row = Lines(stream =>
        {
            using var csv = new CsvRows<StepRecord>(stream, ResultTables.Steps);
            csv.Write(new StepRecord(
                "main/0", 3, new SimTime(2_000_000_000_000_000_001), new SimTime(5), [new(1, 512), new(9, 1)], [4, 2],
                2, 1, 33, 67));
            csv.Write(new StepRecord("main/0", 4, SimTime.Zero, SimTime.OneTick, [], [], 0, 0, 0, 100));
        });
        Assert.Equal(
            [
                "replica,step,start_s,duration_s,scheduled,preempted,running,waiting,used_blocks,free_blocks",
                "main/0,3,20000000.00000000001,0.00000000005,1:512 9:1,4 2,2,1,33,67",
                "main/0,4,0.00000000000,0.00000000001,,,0,0,0,100",
                "",
            ],
            row);
    }

    [Fact]
    public void A_window_is_a_row()
    {
        var lines = Lines(stream =>
        {
            using var csv = new CsvRows<TimeSeriesRecord>(stream, ResultTables.TimeSeries);
            csv.Write(new TimeSeriesRecord
            {
                StartS = 60,
                Pool = "main",
                Arrived = 12,
                Refused = 3,
                Completed = 11,
                Failed = 7,
                RunningMean = 2.25,
                WaitingMean = 0,
                KvCacheUsageMean = 0.1234567,
                TtftP99S = 1.5,
                Preemptions = 1,
                PromptTokens = 900,
                OutputTokens = 450,
                ReplicasMean = 2.5,
            });
        });
        Assert.Equal(
            [
                "t_s,pool,arrived,refused,completed,failed,running_mean,waiting_mean,kv_cache_usage_mean,"
                    + "ttft_p50_s,ttft_p99_s,preemptions,prompt_tokens,output_tokens,replicas_mean",
                "60.000000,main,12,3,11,7,2.250000,0.000000,0.123457,,1.500000,1,900,450,2.500000",
                "",
            ],
            lines);
    }
}
