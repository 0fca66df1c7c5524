using System.Text;
using ServingSim.Experiments.Results;

namespace ServingSim.Experiments.Sweeping;

/// <summary>Writes small files whole or not at all, also where several processes write the same.</summary>
internal static class AtomicFile
{
    /// <summary>How the names of files end that were not completed.</summary>
    internal const string Partial = ".partial";

    /// <summary>
    /// Puts a file in place, over an earlier one, once its bytes are on the disk; throws
    /// <see cref="ResultFolderException"/>.
    /// </summary>
    public static void Write(string folder, string name, string text)
    {
        string file = Path.Combine(folder, name);

        // A name that no other process has: several machines may share the folder
        string partial = Path.Combine(folder, $".{name}.{Environment.MachineName}-{Environment.ProcessId}{Partial}");
        try
        {
            Directory.CreateDirectory(folder);
            using (FileStream stream = new(partial, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                stream.Write(Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, file, overwrite: true);
        }
        catch (FileNotFoundException) when (File.Exists(file))
        {
            // Another process had written the same, gathered all, and cleared away what it took for left behind
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing of what could not be put in place stays behind
            File.Delete(partial);
            throw new ResultFolderException($"cannot write results to '{folder}': {e.Message}", e);
        }
    }
}
