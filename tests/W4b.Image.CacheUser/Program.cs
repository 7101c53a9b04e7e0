using System.Globalization;
using W4b.Image.CacheUser;
using W4b.Image.Layers.Locking;
using W4b.Image.Steps;

switch (args)
{
    case ["store", var cache, var seed]:
        await StoreWriter.RunAsync(cache, int.Parse(seed, CultureInfo.InvariantCulture));
        break;
    case ["layer", var softwareJson, var baseImage, var cache]:
        var log = new ConsoleLog();
        await using (var session = await SoftwareLayerSession.OpenAsync(softwareJson, baseImage, cache, LockOptions.None, log, default))
        {
            Console.WriteLine($"opened {session.LayerImage ?? "none"}");
            Console.ReadLine();
            if (session.LayerImage is null)
            {
                await session.MountAsync(log, default);
                await session.ApplyAsync(nativeTwins: false, log, default);
                Console.WriteLine($"made {await session.WriteImageAsync(log, default)}");
            }
        }

        break;
    default:
        Console.Error.WriteLine("usage: store CACHE SEED | layer SOFTWARE.JSON BASE CACHE");
        return 2;
}

return 0;
