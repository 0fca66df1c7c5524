using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// Brings a release file into a folder, once. It grows as <c>NAME.part</c>, which a later call resumes, and takes its
/// name only when its size and SHA-256 are right. What cannot be brought is a <see cref="TraceException"/>.
/// </summary>
public sealed class ReleaseDownload
{
    private const int MostRedirects = 5;

    private readonly ReleaseFile _file;
    private readonly HttpClient _client;
    private readonly string _folder;
    private readonly string _shownFolder;
    private readonly string _shown;
    private readonly string _path;
    private readonly string _part;

    /// <summary>A download into a folder, which is made if there is none.</summary>
    /// <param name="file">What to bring.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="client">One of <see cref="Client"/>.</param>
    public ReleaseDownload(ReleaseFile file, string folder, HttpClient client)
    {
        string full = Path.TrimEndingDirectorySeparator(TraceFile.FullPath(folder, "a folder"));
        (_file, _client, _folder, _shownFolder) = (file, client, full, folder);
        _shown = Path.Combine(folder, file.Name);
        _path = Path.GetFullPath(Path.Combine(full, file.Name));
        _part = _path + ".part";
        if (Path.GetDirectoryName(_path) != full)
        {
            throw Problem($"is not a file of the folder '{folder}'");
        }
    }

    /// <summary>How long the server may be silent before the connection counts as lost.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What to tell of the bytes that a later call goes on from; empty where there are none.</summary>
    public string Kept => PartBytes is > 0 and { } bytes
        ? $"; {_shown}.part keeps {bytes:N0} of {_file.Bytes:N0} bytes, and the same command goes on from there"
        : "";

    private long PartBytes => File.Exists(_part) ? new FileInfo(_part).Length : 0;

    /// <summary>A client that follows no redirect by itself and waits as long as <see cref="Patience"/> says.</summary>
    public static HttpClient Client() => new(
        new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, MaxResponseHeadersLength = 64 })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestHeaders = { UserAgent = { new ProductInfoHeaderValue("servingsim", "1") } },
    };

    /// <summary>Brings the file; the result says what is there now.</summary>
    /// <param name="progress">Told the bytes that are there, of how many; called every few kilobytes.</param>
    /// <param name="cancellation">Ends it; what was downloaded stays to be resumed.</param>
    public async Task<string> RunAsync(Action<long, long> progress, CancellationToken cancellation)
    {
        if (Path.Exists(_path))
        {
            return await CheckExistingAsync(cancellation);
        }

        if (File.Exists(_folder))
        {
            throw new TraceException(_shownFolder, null, "is a file; expected a folder to put the file into");
        }

        List<string> made = [.. MissingFolders()];
        try
        {
            Directory.CreateDirectory(_folder);
            return await BringAsync(progress, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Problem($"cannot be written: {e.Message.Replace(_part, _path)}");
        }
        finally
        {
            DeleteWhereEmpty(made);
        }
    }

    /// <summary>The folders that have to be made, the innermost first.</summary>
    private IEnumerable<string> MissingFolders()
    {
        for (string? folder = _folder; folder is not null && !Path.Exists(folder);
            folder = Path.GetDirectoryName(folder))
        {
            yield return folder;
        }
    }

    private static void DeleteWhereEmpty(List<string> folders)
    {
        foreach (string folder in folders)
        {
            if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
            {
                Directory.Delete(folder);
            }
        }
    }

    private async Task<string> BringAsync(Action<long, long> progress, CancellationToken cancellation)
    {
        if (PartBytes > _file.Bytes)
        {
            File.Delete(_part);
        }

        if (PartBytes < _file.Bytes)
        {
            await DownloadAsync(progress, cancellation);
        }

        string hash = await HashAsync(_part, cancellation);
        if (_file.Sha256 is { } expected && hash != expected)
        {
            File.Delete(_part);
            throw Problem($"what came has SHA-256 {hash}; expected {expected}; it is deleted");
        }

        File.Move(_part, _path, overwrite: false);
        return $"{_shown}: {Verified(hash)}";
    }

    private async Task<string> CheckExistingAsync(CancellationToken cancellation)
    {
        const string Advice = "move it away, or choose another folder with --out";
        long? bytes = File.Exists(_path) ? new FileInfo(_path).Length : null;
        if (bytes != _file.Bytes)
        {
            string found = bytes is null ? "a folder" : $"a file of {bytes:N0} bytes";
            throw Problem($"is there already as {found}; expected {_file.Bytes:N0} bytes; {Advice}");
        }

        string hash = await HashAsync(_path, cancellation);
        return _file.Sha256 is null || hash == _file.Sha256
            ? $"{_shown}: is there already, {Verified(hash)}"
            : throw Problem($"is there already with SHA-256 {hash}; expected {_file.Sha256}; {Advice}");
    }

    private string Verified(string hash) => _file.Sha256 is null
        ? $"{_file.Bytes:N0} bytes as published; its SHA-256 is not known and was not checked, it is {hash}"
        : $"{_file.Bytes:N0} bytes and SHA-256 as published";

    private async Task DownloadAsync(Action<long, long> progress, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            using HttpResponseMessage answer = await AskAsync(patience);
            bool isRest = answer.StatusCode == HttpStatusCode.PartialContent;
            if (!isRest && answer.Content.Headers.ContentLength is { } bytes && bytes != _file.Bytes)
            {
                throw Problem($"the server offers {bytes:N0} bytes; expected {_file.Bytes:N0}{Kept}");
            }

            await using Stream body = await answer.Content.ReadAsStreamAsync(patience.Token);
            await WriteAsync(body, isRest ? FileMode.Append : FileMode.Create, progress, patience);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Problem($"the server was silent for {Patience.TotalSeconds:0.###} s{Kept}");
        }
        catch (HttpRequestException e)
        {
            throw Problem($"cannot be downloaded: {e.GetBaseException().Message}{Kept}");
        }
    }

    /// <summary>The answer with what is missing, or where the server does not give that, with the whole file.</summary>
    private async Task<HttpResponseMessage> AskAsync(CancellationTokenSource patience)
    {
        long from = PartBytes;
        HttpResponseMessage answer = await FollowAsync(from, patience);
        bool isRest = from > 0 && answer.StatusCode == HttpStatusCode.PartialContent;
        ContentRangeHeaderValue rest = new(from, _file.Bytes - 1, _file.Bytes);
        if ((isRest && !rest.Equals(answer.Content.Headers.ContentRange))
            || (from > 0 && answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable))
        {
            answer.Dispose();
            isRest = false;
            answer = await FollowAsync(0, patience);
        }

        if (isRest || answer.StatusCode == HttpStatusCode.OK)
        {
            return answer;
        }

        answer.Dispose();
        throw Problem(
            $"the server answers {(int)answer.StatusCode} {answer.ReasonPhrase} for {_file.Address}{Kept}");
    }

    /// <summary>The answer where the redirects end.</summary>
    private async Task<HttpResponseMessage> FollowAsync(long from, CancellationTokenSource patience)
    {
        Uri address = _file.Address;
        for (int redirects = 0; redirects <= MostRedirects; redirects++)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, address);
            request.Headers.Range = from > 0 ? new RangeHeaderValue(from, null) : null;
            patience.CancelAfter(Patience);
            HttpResponseMessage answer = await _client.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            if ((int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308) || answer.Headers.Location is null)
            {
                return answer;
            }

            Uri target = answer.Headers.Location;
            answer.Dispose();
            if (!Uri.TryCreate(address, target, out Uri? next) || next.Scheme != _file.Address.Scheme)
            {
                throw Problem($"the server redirects to {target}; expected an {_file.Address.Scheme} address{Kept}");
            }

            address = next;
        }

        throw Problem($"the server redirects more than {MostRedirects} times, last to {address}{Kept}");
    }

    private async Task WriteAsync(
        Stream body, FileMode mode, Action<long, long> progress, CancellationTokenSource patience)
    {
        // Unbuffered, so that what has come is counted and kept whenever it ends
        await using FileStream part = new(_part, mode, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] buffer = new byte[1 << 16];
        long bytes = part.Length;
        while (await ReadAsync(body, buffer, patience) is > 0 and { } read)
        {
            bytes += read;
            if (bytes > _file.Bytes)
            {
                await part.DisposeAsync();
                File.Delete(_part);
                throw Problem($"more than {_file.Bytes:N0} bytes came; they are deleted");
            }

            await part.WriteAsync(buffer.AsMemory(0, read), CancellationToken.None);
            progress(bytes, _file.Bytes);
        }

        if (bytes < _file.Bytes)
        {
            throw Problem($"the connection ended early{Kept}");
        }
    }

    private async Task<int> ReadAsync(Stream body, byte[] buffer, CancellationTokenSource patience)
    {
        patience.CancelAfter(Patience);
        try
        {
            return await body.ReadAsync(buffer, patience.Token);
        }
        catch (IOException e)
        {
            throw Problem($"the connection was lost: {e.Message}{Kept}");
        }
    }

    private static async Task<string> HashAsync(string path, CancellationToken cancellation)
    {
        await using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation));
    }

    private TraceException Problem(string message) => new(_shown, null, message);
}
