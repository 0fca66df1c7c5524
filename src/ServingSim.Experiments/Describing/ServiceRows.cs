namespace ServingSim.Experiments.Describing;

/// <summary>The rows of a service, as columns in order of time.</summary>
/// <param name="name">What tables call it.</param>
/// <param name="times">When each was submitted, in seconds from the start of the axis' day 0.</param>
/// <param name="prompts">Request tokens.</param>
/// <param name="outputs">Response tokens; 0 of those that failed.</param>
/// <param name="sessions">The number of each row's conversation, 0 for none; empty where the file tells none.</param>
internal sealed class ServiceRows(string name, double[] times, int[] prompts, int[] outputs, int[] sessions)
{
    internal string Name => name;

    internal int Count => times.Length;

    internal double[] Times => times;

    internal int[] Prompts => prompts;

    internal int[] Outputs => outputs;

    internal int[] Sessions => sessions;

    /// <summary>Request and response tokens of the rows that succeeded, in order of time.</summary>
    internal (int[] Prompts, int[] Outputs) Successes()
    {
        int count = outputs.Length - outputs.AsSpan().Count(0);
        int[] goodPrompts = new int[count];
        int[] goodOutputs = new int[count];
        int at = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            if (outputs[i] > 0)
            {
                (goodPrompts[at], goodOutputs[at]) = (prompts[i], outputs[i]);
                at++;
            }
        }

        return (goodPrompts, goodOutputs);
    }

    /// <summary>The rows that came at or after one instant and before another.</summary>
    internal ServiceRows Between(double from, double to)
    {
        int first = LowerBound(from);
        int past = LowerBound(to);
        return new ServiceRows(
            name, times[first..past], prompts[first..past], outputs[first..past],
            sessions.Length == 0 ? [] : sessions[first..past]);
    }

    /// <summary>The rows that came before one instant, or at or after another.</summary>
    internal ServiceRows Without(double from, double to)
    {
        int first = LowerBound(from);
        int past = LowerBound(to);
        return new ServiceRows(
            name, [.. times[..first], .. times[past..]], [.. prompts[..first], .. prompts[past..]],
            [.. outputs[..first], .. outputs[past..]],
            sessions.Length == 0 ? [] : [.. sessions[..first], .. sessions[past..]]);
    }

    private int LowerBound(double time)
    {
        int at = Array.BinarySearch(times, time);
        if (at < 0)
        {
            return ~at;
        }

        while (at > 0 && times[at - 1] == time)
        {
            at--;
        }

        return at;
    }
}
