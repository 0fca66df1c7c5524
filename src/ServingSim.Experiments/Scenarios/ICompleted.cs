namespace ServingSim.Experiments.Scenarios;

/// <summary>A record of which a section that was left out has its defaults only under some values of others.</summary>
internal interface ICompleted
{
    /// <summary>The record with the sections that it needs.</summary>
    /// <param name="defaultOf">Makes a section of a type with all its defaults.</param>
    object Completed(Func<Type, object?> defaultOf);
}
