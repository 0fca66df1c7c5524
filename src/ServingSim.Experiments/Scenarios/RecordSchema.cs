using System.ComponentModel;
using System.Reflection;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Scenarios;

/// <summary>The keys of a record in YAML: the parameters of its constructor.</summary>
internal sealed class RecordSchema
{
    private RecordSchema(ConstructorInfo constructor, IReadOnlyList<Option> options)
    {
        Constructor = constructor;
        Options = options;
    }

    public ConstructorInfo Constructor { get; }

    /// <summary>The options in the order of the parameters.</summary>
    public IReadOnlyList<Option> Options { get; }

    public static RecordSchema Of(Type type)
    {
        ConstructorInfo[] constructors = type.GetConstructors();
        Check.That(constructors.Length == 1, $"{type} has {constructors.Length} public constructors: no schema");
        var nullability = new NullabilityInfoContext();
        return new RecordSchema(
            constructors[0],
            [.. constructors[0].GetParameters().Select(p => Option.Of(p, type, nullability))]);
    }

    /// <summary>One key.</summary>
    /// <param name="Name">The key as in YAML.</param>
    /// <param name="Property">The property that holds its value.</param>
    /// <param name="Type">The type of its value, never a <see cref="Nullable{T}"/>.</param>
    /// <param name="IsNullable">Whether it may be nothing.</param>
    /// <param name="IsRequired">Whether it has no default.</param>
    /// <param name="Default">The default that the parameter itself states.</param>
    /// <param name="DefaultText">The default in YAML, from [DefaultValue], for what no constant says.</param>
    internal sealed record Option(
        string Name,
        PropertyInfo Property,
        Type Type,
        bool IsNullable,
        bool IsRequired,
        object? Default,
        string? DefaultText)
    {
        public static Option Of(ParameterInfo parameter, Type type, NullabilityInfoContext nullability)
        {
            PropertyInfo? property = type.GetProperty(parameter.Name!);
            Check.That(property is not null, $"{type} has no property for its parameter {parameter.Name}");
            Type? valueType = Nullable.GetUnderlyingType(parameter.ParameterType);
            string? text = property.GetCustomAttribute<DefaultValueAttribute>()?.Value as string;
            return new Option(
                Names.Snake(parameter.Name!),
                property,
                valueType ?? parameter.ParameterType,
                valueType is not null || nullability.Create(parameter).WriteState == NullabilityState.Nullable,
                text is null && !parameter.HasDefaultValue,
                parameter.HasDefaultValue ? Constant(parameter, valueType) : null,
                text);
        }

        /// <summary>A constant as a value: reflection has an enum's as a number, a struct's as null.</summary>
        private static object? Constant(ParameterInfo parameter, Type? valueType) => parameter.DefaultValue switch
        {
            null when valueType is null && parameter.ParameterType.IsValueType =>
                Activator.CreateInstance(parameter.ParameterType),
            { } number when valueType is { IsEnum: true } => Enum.ToObject(valueType, number),
            var value => value,
        };
    }
}
