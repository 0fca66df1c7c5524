using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ServingSim.Tests.Experiments.Workloads.Traces;

/// <summary>
/// An HTTP server on this machine that answers each request as a test says, in raw text: so it can also answer wrong.
/// </summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly Func<string, long?, Answer> _answer;
    private readonly List<(string Path, long? From)> _heard = [];
    private readonly Task _serving;

    /// <summary>A server; <paramref name="answer"/> is given a path and where its range starts.</summary>
    internal LoopbackServer(Func<string, long?, Answer> answer)
    {
        _answer = answer;
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>The server's address, without a path.</summary>
    internal string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>What was asked for, in order: the path, and where the range starts.</summary>
    internal (string Path, long? From)[] Heard
    {
        get
        {
            lock (_heard)
            {
                return [.. _heard];
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _serving;
        _listener.Dispose();
        _ended.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_ended.Token);
                try
                {
                    await AnswerAsync(client.GetStream());
                }
                catch (IOException)
                {
                    // The client has gone, as some tests make it
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        using StreamReader reader = new(stream, Encoding.ASCII, leaveOpen: true);
        string path = (await reader.ReadLineAsync(_ended.Token) ?? "").Split(' ').ElementAtOrDefault(1) ?? "";
        long? from = null;
        while (await reader.ReadLineAsync(_ended.Token) is { Length: > 0 } line)
        {
            from = line.StartsWith("Range: bytes=", StringComparison.Ordinal) ? long.Parse(line[13..^1]) : from;
        }

        lock (_heard)
        {
            _heard.Add((path, from));
        }

        Answer answer = _answer(path, from);
        string head = $"HTTP/1.1 {answer.Status}\r\n{answer.Headers}Connection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _ended.Token);
        await stream.WriteAsync(answer.Body, _ended.Token);
        if (answer.ThenWaits)
        {
            _ = await reader.ReadLineAsync(_ended.Token);
        }
    }

    /// <summary>What the server says.</summary>
    /// <param name="Status">The code and its words.</param>
    /// <param name="Headers">Lines, each with its end.</param>
    /// <param name="Body">What follows; nothing makes it as long as the headers say.</param>
    /// <param name="ThenWaits">Whether it keeps the connection until the client goes, and says no more.</param>
    internal sealed record Answer(string Status, string Headers, byte[] Body, bool ThenWaits = false)
    {
        internal static Answer Ok(byte[] body, long? length = null) =>
            new("200 OK", $"Content-Length: {length ?? body.Length}\r\n", body);

        internal static Answer Redirect(string to) => new("302 Found", $"Location: {to}\r\nContent-Length: 0\r\n", []);

        internal static Answer Rest(byte[] whole, long from) => new(
            "206 Partial Content",
            $"Content-Range: bytes {from}-{whole.Length - 1}/{whole.Length}\r\n"
                + $"Content-Length: {whole.Length - from}\r\n",
            whole[(int)from..]);
    }
}
