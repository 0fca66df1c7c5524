namespace ServingSim.Experiments.Results;

/// <summary>Limits for the requests that carry a label with this value.</summary>
/// <param name="Label">The label's name, as in "service".</param>
/// <param name="Value">The value it must have.</param>
/// <param name="Target">The limits.</param>
public sealed record LabelSlo(string Label, string Value, SloTarget Target);
