using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace ServingSim.Experiments.Replicating;

/// <summary>
/// Runs whole simulations side by side. What comes out depends neither on how many run at a time nor on which ends
/// first.
/// </summary>
/// <param name="Degree">How many run at a time.</param>
/// <param name="Cancellation">Ends the work early by an <see cref="OperationCanceledException"/>.</param>
public sealed record ParallelRuns(int Degree, CancellationToken Cancellation)
{
    /// <summary>
    /// What <paramref name="run"/> gives for 0 … <paramref name="count"/> − 1, in that order. Of several errors that of
    /// the lowest number is thrown, and nothing that has not begun by then begins.
    /// </summary>
    public IReadOnlyList<T> Map<T>(int count, Func<int, T> run)
    {
        T[] results = new T[count];
        Exception?[] errors = new Exception?[count];
        ParallelOptions options = new() { MaxDegreeOfParallelism = Degree, CancellationToken = Cancellation };

        // One by one, because some simulations take much longer than others
        OrderablePartitioner<int> oneByOne =
            Partitioner.Create(Enumerable.Range(0, count), EnumerablePartitionerOptions.NoBuffering);
        Parallel.ForEach(oneByOne, options, (i, state) =>
        {
            if (state.ShouldExitCurrentIteration)
            {
                return;
            }

            try
            {
                results[i] = run(i);
            }
#pragma warning disable CA1031 // it is thrown again below, once it is clear which comes first
            catch (Exception e)
#pragma warning restore CA1031
            {
                errors[i] = e;
                state.Break();
            }
        });
        if (Array.Find(errors, e => e is not null) is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }

        return results;
    }
}
