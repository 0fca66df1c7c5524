using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace ServingSim.Kernel;

/// <summary>Invariants, always on. A check that fails is a bug of ours, never the user's mistake.</summary>
public static class Check
{
    /// <summary>Throws <see cref="InvariantException"/> unless <paramref name="condition"/> holds.</summary>
    /// <param name="condition">What must hold.</param>
    /// <param name="message">What does not, with the numbers; formatted only on failure.</param>
    public static void That(
        [DoesNotReturnIf(false)] bool condition,
        [InterpolatedStringHandlerArgument(nameof(condition))] Message message)
    {
        if (!condition)
        {
            throw new InvariantException(Message.TakeText());
        }
    }

    /// <summary>Throws <see cref="InvariantException"/> unless <paramref name="condition"/> holds.</summary>
    public static void That([DoesNotReturnIf(false)] bool condition, string message)
    {
        if (!condition)
        {
            throw new InvariantException(message);
        }
    }

    /// <summary>The message of a check, built only when the check fails.</summary>
    [InterpolatedStringHandler]
    [SuppressMessage("Design", "CA1034", Justification = "used by the compiler only")]
    [SuppressMessage("Performance", "CA1822", Justification = "the compiler calls them on a value")]
    public readonly ref struct Message
    {
        // Beside the value and not in it: a check that holds then keeps nothing, and costs no more than the condition
        [ThreadStatic]
        private static StringBuilder? _text;

        /// <summary>Called by the compiler.</summary>
        public Message(int literalLength, int formattedCount, bool condition, out bool isNeeded) =>
            isNeeded = !condition;

        private static StringBuilder Text => _text ??= new StringBuilder();

        /// <summary>Called by the compiler.</summary>
        public void AppendLiteral(string value) => Text.Append(value);

        /// <summary>Called by the compiler.</summary>
        public void AppendFormatted<T>(T value) => Text.Append(CultureInfo.InvariantCulture, $"{value}");

        /// <summary>Called by the compiler.</summary>
        public void AppendFormatted<T>(T value, string? format) =>
            Text.AppendFormat(CultureInfo.InvariantCulture, $"{{0:{format}}}", value);

        /// <summary>The text so far, forgotten here.</summary>
        internal static string TakeText()
        {
            string text = Text.ToString();
            _text = null;
            return text;
        }
    }
}
