namespace ServingSim.Experiments.Scenarios;

/// <summary>What a <see cref="ConfigNode"/> is.</summary>
public enum ConfigKind
{
    /// <summary>Nothing: <c>~</c>, <c>null</c>, or a key without a value.</summary>
    Null,

    /// <summary>One text, whose meaning the expected type decides.</summary>
    Scalar,

    /// <summary>Items in order.</summary>
    List,

    /// <summary>Keys with values, in order.</summary>
    Mapping,
}
