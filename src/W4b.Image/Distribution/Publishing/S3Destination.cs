using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using W4b.Image.Diagnostics;

namespace W4b.Image.Distribution.Publishing;

/// <summary>A folder in a bucket of S3, or of a server that speaks its protocol.</summary>
/// <remarks>
/// A file is whole as soon as it is there, and a copy within the bucket is one act. A large file goes in parts, and one that was cut off is
/// continued behind its last whole part. There are no folders: one is there while a name begins with its name and <c>/</c>.
/// </remarks>
internal sealed class S3Destination : IDestination
{
    // A multiple of the least that S3 takes, 5 MiB; ten thousand of them are the most.
    private const int PartBytes = 16 * 1024 * 1024;

    private readonly string _bucket;
    private readonly string _prefix;
    private readonly AmazonS3Client _client;
    private readonly IBuildLog _log;
    private readonly Dictionary<string, (string Id, List<PartETag> Parts)> _begun = [];

    /// <param name="url">s3://bucket/folder.</param>
    /// <param name="endpoint">URL of the server; null for Amazon's.</param>
    /// <param name="region">The bucket's region.</param>
    /// <param name="accessKey">The access key; null for the environment's and the profile's, as Amazon's tools find them.</param>
    /// <param name="secretKey">Its secret key.</param>
    /// <param name="log">Is told of what is continued.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.PublishFailed"/> when only one of the keys is given.</exception>
    public S3Destination(Uri url, string? endpoint, string region, string? accessKey, string? secretKey, IBuildLog log)
    {
        _log = log;
        (_bucket, _prefix) = (url.Host, Uri.UnescapeDataString(url.AbsolutePath).Trim('/'));
        _prefix += _prefix.Length > 0 ? "/" : "";
        Url = (endpoint is null ? $"https://{_bucket}.s3.{region}.amazonaws.com/" : $"{endpoint.TrimEnd('/')}/{_bucket}/") + string.Join('/', _prefix.Split('/').Select(Uri.EscapeDataString));
        if (accessKey is null != secretKey is null)
            throw DiagnosticCode.PublishFailed.Error($"{Description}: publish.user (the access key) and publish.password (the secret key) belong together; one is missing.");
        var settings = new AmazonS3Config
        {
            AuthenticationRegion = region,
            MaxErrorRetry = 0, // Patience tries again
            // Checksums in trailers are Amazon's own; each file is read back anyway.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (endpoint is null)
            settings.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(region);
        else
            (settings.ServiceURL, settings.ForcePathStyle) = (endpoint, true);
        _client = accessKey is null ? new AmazonS3Client(settings) : new AmazonS3Client(new BasicAWSCredentials(accessKey, secretKey), settings);
    }

    public string Description => $"s3://{_bucket}/{_prefix}";

    public string Url { get; }

    public async Task<long?> SizeAsync(string name, CancellationToken cancellation)
    {
        var found = await FindAsync(name, () => _client.GetObjectMetadataAsync(_bucket, At(name), cancellation)).ConfigureAwait(false);
        return found?.ContentLength;
    }

    public async Task<bool> ReadAsync(string name, Stream target, CancellationToken cancellation)
    {
        using var found = await FindAsync(name, () => _client.GetObjectAsync(_bucket, At(name), cancellation)).ConfigureAwait(false);
        if (found is null)
            return false;
        return await SendAsync(name, async () =>
        {
            await found.ResponseStream.CopyToAsync(target, cancellation).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
    }

    public async Task WriteAsync(string name, Stream content, CancellationToken cancellation)
    {
        if (content.Length > PartBytes)
        {
            await WritePartsAsync(name, content, cancellation).ConfigureAwait(false);
            return;
        }

        content.Position = 0;
        await SendAsync(name, () => _client.PutObjectAsync(new PutObjectRequest
        {
            BucketName = _bucket, Key = At(name), InputStream = content, AutoCloseStream = false, UseChunkEncoding = false,
        }, cancellation)).ConfigureAwait(false);
    }

    public async Task RenameAsync(string name, string newName, CancellationToken cancellation)
    {
        await SendAsync(newName, () => _client.CopyObjectAsync(_bucket, At(name), _bucket, At(newName), cancellation)).ConfigureAwait(false);
        await DeleteAsync(name, cancellation).ConfigureAwait(false);
    }

    public Task DeleteAsync(string name, CancellationToken cancellation) => FindAsync(name, () => _client.DeleteObjectAsync(_bucket, At(name), cancellation));

    // First written, then listed: of two at the same moment none finds itself alone, or one. Not every server knows If-None-Match.
    public async Task<bool> TryCreateFolderAsync(string name, CancellationToken cancellation)
    {
        if ((await FilesAsync(name, cancellation).ConfigureAwait(false)).Count > 0)
            return false;
        var claim = $"{name}/{Guid.NewGuid():N}";
        using (var nothing = new MemoryStream())
            await WriteAsync(claim, nothing, cancellation).ConfigureAwait(false);
        if ((await FilesAsync(name, cancellation).ConfigureAwait(false)).All(key => key == At(claim)))
            return true;
        await DeleteAsync(claim, cancellation).ConfigureAwait(false);
        return false;
    }

    public async Task DeleteFolderAsync(string name, CancellationToken cancellation)
    {
        foreach (var key in await FilesAsync(name, cancellation).ConfigureAwait(false))
            await DeleteAsync(key[_prefix.Length..], cancellation).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private string At(string name) => _prefix + name;

    // The few in a folder of ours: one page has them.
    private async Task<List<string>> FilesAsync(string folder, CancellationToken cancellation)
    {
        var page = await SendAsync(folder, () => _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _bucket, Prefix = At(folder) + "/" }, cancellation)).ConfigureAwait(false);
        return [.. (page.S3Objects ?? []).Select(found => found.Key)];
    }

    // A name stands for its content (see Uploader): the parts of an upload under it that was cut off are those of just this file.
    private async Task WritePartsAsync(string name, Stream content, CancellationToken cancellation)
    {
        if (!_begun.TryGetValue(name, out var upload))
            _begun[name] = upload = await BeginAsync(name, cancellation).ConfigureAwait(false);
        var (id, parts) = upload;
        if (parts.Count > 0)
            _log.Info($"{name} is continued behind {(long)parts.Count * PartBytes} bytes.");
        for (content.Position = (long)parts.Count * PartBytes; content.Position < content.Length;)
        {
            var (number, start) = (parts.Count + 1, content.Position);
            var sent = await SendAsync(name, () => _client.UploadPartAsync(new UploadPartRequest
            {
                BucketName = _bucket, Key = At(name), UploadId = id, PartNumber = number, InputStream = content,
                PartSize = Math.Min(PartBytes, content.Length - start), UseChunkEncoding = false,
            }, cancellation)).ConfigureAwait(false);
            parts.Add(new PartETag(number, sent.ETag));
            content.Position = Math.Min(start + PartBytes, content.Length);
        }

        // Whether it fails or not, the next one begins anew: it may have been completed all the same.
        _begun.Remove(name);
        await SendAsync(name, () => _client.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest { BucketName = _bucket, Key = At(name), UploadId = id, PartETags = parts }, cancellation)).ConfigureAwait(false);
    }

    // One that an earlier run began, where the server can tell of it.
    private async Task<(string Id, List<PartETag> Parts)> BeginAsync(string name, CancellationToken cancellation)
    {
        var begun = await KnownAsync(name, () => _client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = _bucket, Prefix = At(name) }, cancellation)).ConfigureAwait(false);
        if (begun?.MultipartUploads?.FirstOrDefault(u => u.Key == At(name))?.UploadId is { } id)
            return (id, await PartsAsync(name, id, cancellation).ConfigureAwait(false));
        return ((await SendAsync(name, () => _client.InitiateMultipartUploadAsync(_bucket, At(name), cancellation)).ConfigureAwait(false)).UploadId, []);
    }

    private Task<T?> KnownAsync<T>(string name, Func<Task<T>> action) where T : class => SendAsync(name, async () =>
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotImplemented)
        {
            return null;
        }
    });

    // The first ones that follow on each other and are whole.
    private async Task<List<PartETag>> PartsAsync(string name, string upload, CancellationToken cancellation)
    {
        var parts = new List<PartETag>();
        string? marker = null;
        while (true)
        {
            var page = await SendAsync(name, () => _client.ListPartsAsync(new ListPartsRequest { BucketName = _bucket, Key = At(name), UploadId = upload, PartNumberMarker = marker }, cancellation)).ConfigureAwait(false);
            foreach (var part in page.Parts ?? [])
            {
                if (part.PartNumber != parts.Count + 1 || part.Size != PartBytes)
                    return parts;
                parts.Add(new PartETag(parts.Count + 1, part.ETag));
            }

            if (page.IsTruncated != true)
                return parts;
            marker = page.NextPartNumberMarker?.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    private Task<T?> FindAsync<T>(string name, Func<Task<T>> action) where T : class => SendAsync(name, async () =>
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode != "NoSuchBucket")
        {
            return null;
        }
    });

    private async Task<T> SendAsync<T>(string name, Func<Task<T>> action)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (AmazonS3Exception e)
        {
            var said = $"{Description}{name}: {(int)e.StatusCode} {e.ErrorCode}: {e.Message.TrimEnd('.')}";
            throw e.StatusCode switch
            {
                _ when e.ErrorCode == "NoSuchBucket" => DiagnosticCode.PublishFailed.Error($"{said}. Make the bucket {_bucket} first.", inner: e),
                _ when e.ErrorCode == "NoSuchUpload" => Gone(name, said, e),
                HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => DiagnosticCode.PublishFailed.Error($"{said}. Give publish.user and publish.password: an access key that may write there.", inner: e),
                HttpStatusCode.NotImplemented => DiagnosticCode.PublishFailed.Error($"{said}. The server lacks a part of S3 that publishing needs.", inner: e),
                HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout or HttpStatusCode.TooManyRequests
                    => new ConnectionLostException(said, e),
                _ => DiagnosticCode.PublishFailed.Error($"{said}.", inner: e),
            };
        }
        catch (AmazonClientException e) when (e.InnerException is not (HttpRequestException or IOException))
        {
            throw DiagnosticCode.PublishFailed.Error($"{Description}: {e.Message.TrimEnd('.')}. Give publish.user and publish.password.", inner: e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or AmazonClientException)
        {
            throw new ConnectionLostException($"{Description}{name}: {e.Message}", e);
        }
    }

    private ConnectionLostException Gone(string name, string said, Exception inner)
    {
        _begun.Remove(name);
        return new ConnectionLostException($"{said}: another publisher completed it", inner);
    }
}
