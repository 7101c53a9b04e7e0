using W4b.Image.Configuration;

namespace W4b.Image.Layers;

/// <summary>A software layer in the cache: a folder named by its id with the image and what is known of it.</summary>
internal static class SoftwareLayer
{
    public const string ImageName = "layer.img";
    public const string LogName = "layer.log";
    private const string InfoName = "layer.json";

    /// <summary>What is known of the layer whose image this is.</summary>
    public static LayerInfo ReadInfo(string layerImage)
        => ImageJson.Read<LayerInfo>(Path.Combine(Path.GetDirectoryName(layerImage)!, InfoName));

    /// <summary>Writes what is known of the layer into its folder.</summary>
    public static void WriteInfo(string folder, LayerInfo info) => File.WriteAllText(Path.Combine(folder, InfoName), ImageJson.Write(info));
}
