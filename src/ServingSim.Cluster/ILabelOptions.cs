namespace ServingSim.Cluster;

/// <summary>
/// Options of a part that goes by a label: a scenario is refused if none of its requests can have that label.
/// </summary>
public interface ILabelOptions
{
    /// <summary>The parameter that names the label, and the label; null where the part does without.</summary>
    (string Parameter, string Label)? RequiredLabel { get; }
}
