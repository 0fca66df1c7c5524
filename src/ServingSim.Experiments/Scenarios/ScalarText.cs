using System.Globalization;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Scenarios;

/// <summary>
/// Values in one word, as YAML has them. Numbers are as JSON writes them: nothing hexadecimal, octal, infinite or
/// grouped by underscores.
/// </summary>
internal static class ScalarText
{
    /// <summary>Digits, at most one point between them, and no needless leading zero.</summary>
    public static bool IsDecimal(ReadOnlySpan<char> text)
    {
        int point = text.IndexOf('.');
        ReadOnlySpan<char> whole = point < 0 ? text : text[..point];
        return IsWhole(whole) && (point < 0 || IsDigits(text[(point + 1)..]));
    }

    public static bool TryWhole(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        return IsWhole(Unsigned(text)) && long.TryParse(text, NumberStyles.AllowLeadingSign, null, out value);
    }

    /// <summary>Whether this is a whole number, of whatever size.</summary>
    public static bool IsWholeOfAnySize(ReadOnlySpan<char> text) => IsWhole(Unsigned(text));

    public static bool TryNumber(ReadOnlySpan<char> text, out double value)
    {
        value = 0;
        ReadOnlySpan<char> mantissa = Unsigned(text);
        int exponent = mantissa.IndexOfAny('e', 'E');
        if (exponent >= 0)
        {
            ReadOnlySpan<char> power = mantissa[(exponent + 1)..];
            if (!IsDigits(Unsigned(power)))
            {
                return false;
            }

            mantissa = mantissa[..exponent];
        }

        return IsDecimal(mantissa)
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
    }

    /// <summary>The text that is read as this value; null where it is no scalar.</summary>
    public static string? Format(object? value) => value switch
    {
        null => "~",
        bool b => b ? "true" : "false",
        double d => d.ToString("R", CultureInfo.InvariantCulture),
        int or long or string => value.ToString(),
        SimTime t => Duration.Format(t),
        Enum e => Names.Kebab(e.ToString()),
        _ => null,
    };

    private static ReadOnlySpan<char> Unsigned(ReadOnlySpan<char> text) =>
        text.Length > 0 && text[0] is '+' or '-' ? text[1..] : text;

    private static bool IsWhole(ReadOnlySpan<char> text) => IsDigits(text) && (text.Length == 1 || text[0] != '0');

    private static bool IsDigits(ReadOnlySpan<char> text) =>
        !text.IsEmpty && text.IndexOfAnyExceptInRange('0', '9') < 0;
}
