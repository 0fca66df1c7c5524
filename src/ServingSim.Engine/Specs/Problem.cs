using System.Runtime.CompilerServices;
using ServingSim.Kernel;

namespace ServingSim.Engine.Specs;

/// <summary>
/// Complaints about a user's values, each null where the value is fine. The parameter to blame is the argument itself,
/// which must be written as the parameter's bare name.
/// </summary>
internal static class Problem
{
    internal static (string? Parameter, string Problem)? UnlessPositive(
        double? value, [CallerArgumentExpression(nameof(value))] string parameter = "") =>
        Unless(value is null or (> 0 and < double.PositiveInfinity), parameter, $"found {value}, expected more than 0");

    internal static (string? Parameter, string Problem)? UnlessNotNegative(
        double value, [CallerArgumentExpression(nameof(value))] string parameter = "") =>
        Unless(value is >= 0 and < double.PositiveInfinity, parameter, $"found {value}, expected 0 or more");

    internal static (string? Parameter, string Problem)? UnlessAtLeastOne(
        double value, [CallerArgumentExpression(nameof(value))] string parameter = "") =>
        Unless(value is >= 1 and < double.PositiveInfinity, parameter, $"found {value}, expected 1 or more");

    internal static (string? Parameter, string Problem)? UnlessFraction(
        double value, [CallerArgumentExpression(nameof(value))] string parameter = "") =>
        Unless(value is > 0 and <= 1, parameter, $"found {value}, expected above 0 and at most 1");

    internal static (string? Parameter, string Problem)? Unless(bool condition, string? parameter, string problem) =>
        condition ? null : (parameter, problem);

    internal static IEnumerable<(string? Parameter, string Problem)> List(
        params (string? Parameter, string Problem)?[] complaints) => complaints.OfType<(string?, string)>();

    /// <summary>For constructors: what reaches them has been checked where the user's file was read.</summary>
    internal static void CheckNone(params IEnumerable<IValidated?> values)
    {
        string text = string.Join("; ", values.OfType<IValidated>().SelectMany(value => value.Problems()));
        Check.That(text.Length == 0, $"unchecked options: {text}");
    }
}
