using System.Collections.Immutable;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Scenarios;

/// <summary>The named parts of one kind, such as all routers; adding one gives a new kind.</summary>
/// <typeparam name="TPart">What the parts make.</typeparam>
/// <typeparam name="TContext">What they need beside their options.</typeparam>
public sealed class PartKind<TPart, TContext> : IPartKind
{
    private readonly ImmutableList<Part> _parts;

    /// <summary>A kind without parts yet.</summary>
    /// <param name="name">What such a part is called, such as "eviction policy".</param>
    public PartKind(string name)
        : this(name, [])
    {
    }

    private PartKind(string name, ImmutableList<Part> parts)
    {
        Name = name;
        _parts = parts;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public Type ChoiceType => typeof(PartChoice<TPart, TContext>);

    /// <inheritdoc/>
    public IReadOnlyList<IPart> Parts => _parts;

    /// <summary>This kind with one more part, which takes no options.</summary>
    public PartKind<TPart, TContext> Add(string name, string summary, Func<TContext, TPart> create) =>
        With(new Part(name, summary, null, (_, context) => create(context)));

    /// <summary>This kind with one more part, whose options are the parameters of a record's constructor.</summary>
    public PartKind<TPart, TContext> Add<TOptions>(
        string name, string summary, Func<TOptions, TContext, TPart> create)
        where TOptions : class =>
        With(new Part(name, summary, typeof(TOptions), (options, context) => create((TOptions)options!, context)));

    /// <summary>A choice made in code: the part of this name with these options.</summary>
    public PartChoice<TPart, TContext> Choose(string name, object? options = null)
    {
        Part? part = _parts.Find(p => p.Name == name);
        Check.That(part is not null, $"no {Name} is named '{name}'");
        return part.Choose(options);
    }

    private PartKind<TPart, TContext> With(Part part)
    {
        Check.That(_parts.TrueForAll(p => p.Name != part.Name), $"two parts of kind {Name} are named '{part.Name}'");
        return new PartKind<TPart, TContext>(Name, _parts.Add(part));
    }

    private sealed record Part(string Name, string Summary, Type? OptionsType, Func<object?, TContext, TPart> Create)
        : IPart
    {
        public PartChoice<TPart, TContext> Choose(object? options)
        {
            Check.That(options?.GetType() == OptionsType, $"'{Name}' takes {OptionsType}, not {options?.GetType()}");
            return new PartChoice<TPart, TContext>(Name, options, context => Create(options, context));
        }

        IPartChoice IPart.Choose(object? options) => Choose(options);
    }
}
