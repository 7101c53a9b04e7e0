using System.Diagnostics;
using System.Text;
using Amazon.Runtime;
using Amazon.S3;
using W4b.Image.Configuration;

namespace W4b.Image.Tests.Distribution.Publishing;

/// <summary>A real OpenStack Swift on loopback ports, which speaks S3: swift.sh beside this.</summary>
public sealed class S3Server : IAsyncLifetime, IDisposable
{
    public const string AccessKey = "hives:publisher";
    public const string SecretKey = "correct-horse";

    private static readonly Lazy<string> s_software = new(Fetch);

    private readonly TestFolder _folder = new();
    private readonly int[] _ports = [.. Enumerable.Range(0, 4).Select(_ => LoopbackPort.Free())];
    private readonly AmazonS3Client _client;
    private Process? _process;

    public S3Server() => _client = new AmazonS3Client(new BasicAWSCredentials(AccessKey, SecretKey), new AmazonS3Config
    {
        ServiceURL = Endpoint, ForcePathStyle = true, AuthenticationRegion = "us-east-1", RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
        ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
    });

    public string Endpoint => $"http://127.0.0.1:{_ports[0]}";

    Task IAsyncLifetime.InitializeAsync() => StartAsync();

    Task IAsyncLifetime.DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        if (_process is not null)
            Kill();
        _client.Dispose();
        _folder.Dispose();
    }

    /// <summary>The configuration that publishes to it.</summary>
    public PublishConfiguration To(string url, string secret = SecretKey)
        => BuiltImage.To(url) with { Endpoint = Endpoint, User = AccessKey, Password = BuiltImage.SecretIn(_folder.Write("secret", secret)) };

    /// <summary>Starts it.</summary>
    public async Task StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo("bash", [Script(), "serve", s_software.Value, _folder["swift"], AccessKey, SecretKey, .. _ports.Select(p => $"{p}")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var said = new StringBuilder();
        void Add(object sender, DataReceivedEventArgs e)
        {
            lock (said)
                said.AppendLine(e.Data);
        }

        _process.ErrorDataReceived += Add;
        _process.OutputDataReceived += Add;
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        foreach (var port in _ports)
            await LoopbackPort.OpenAsync(port, () => { lock (said) return said.ToString(); });
    }

    public Task MakeBucketAsync(string bucket) => _client.PutBucketAsync(bucket);

    /// <summary>Kills it with all of its connections; what it has stays.</summary>
    public void Kill()
    {
        _process!.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>What has the key.</summary>
    public async Task<byte[]> ReadAsync(string bucket, string key)
    {
        using var found = await _client.GetObjectAsync(bucket, key);
        using var content = new MemoryStream();
        await found.ResponseStream.CopyToAsync(content);
        return content.ToArray();
    }

    /// <summary>All keys, in order.</summary>
    public async Task<IEnumerable<string>> KeysAsync(string bucket)
        => ((await _client.ListObjectsV2Async(new() { BucketName = bucket })).S3Objects ?? []).Select(o => o.Key).Order(StringComparer.Ordinal);

    /// <summary>Waits until so many parts of an upload have arrived.</summary>
    /// <param name="bucket">Where the only upload is.</param>
    /// <param name="count">How many.</param>
    /// <param name="upload">What sends them; when it ends first, that is an error.</param>
    public async Task PartsAsync(string bucket, int count, Task upload)
    {
        while (!upload.IsCompleted)
        {
            var begun = (await _client.ListMultipartUploadsAsync(bucket)).MultipartUploads?.FirstOrDefault();
            if (begun is not null && (await _client.ListPartsAsync(bucket, begun.Key, begun.UploadId)).Parts?.Count >= count)
                return;
        }

        await upload;
        Assert.Fail("It was done before.");
    }

    // Into the user's cache: once a machine.
    private static string Fetch()
    {
        var folder = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "w4b-tests", "swift");
        if (!Directory.Exists(folder))
            StockProgram.Run("bash", Script(), "fetch", folder);
        return folder;
    }

    private static string Script([System.Runtime.CompilerServices.CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "swift.sh");
}
