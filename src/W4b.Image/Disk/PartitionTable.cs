using System.Buffers.Binary;
using W4b.Image.Diagnostics;

namespace W4b.Image.Disk;

/// <summary>
/// The classic DOS partition table of a card: the master boot record in sector 0, with up to four primary partitions.
/// GPT and logical partitions are refused: the Raspberry Pi's older boot ROMs read neither.
/// </summary>
/// <param name="DiskId">The disk signature at byte 440; the kernel's PARTUUIDs are made of it.</param>
/// <param name="Partitions">The used entries, by number.</param>
public sealed record PartitionTable(uint DiskId, IReadOnlyList<Partition> Partitions)
{
    /// <summary>Bytes in a sector.</summary>
    public const int SectorSize = 512;

    private const int DiskIdOffset = 440;
    private const int EntriesOffset = 446;
    private const int EntrySize = 16;
    private const int SignatureOffset = 510;

    // "Beyond what cylinder, head and sector can say": the value partitioners write when only the sector numbers count.
    private static ReadOnlySpan<byte> NoGeometry => [0xFE, 0xFF, 0xFF];

    /// <summary>The partition's PARTUUID, as <c>root=PARTUUID=</c> and fstab name it: disk id and number in hexadecimal.</summary>
    /// <param name="number">The partition's number, from 1.</param>
    public string PartUuid(int number) => $"{DiskId:x8}-{number:x2}";

    /// <summary>Reads the table of an image.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.UnsupportedLayout"/> when it is not a sane MBR with
    /// primary partitions inside the file; <see cref="DiagnosticCode.FileAccess"/>.</exception>
    public static PartitionTable Read(string imagePath)
    {
        using var image = new RawImageReader(imagePath);
        return Read(image);
    }

    /// <inheritdoc cref="Read(string)"/>
    public static PartitionTable Read(ImageReader image)
    {
        var sector = new byte[SectorSize];
        var got = image.Read(0, sector);
        return Parse(sector.AsSpan(0, got), image.Length, image.Name);
    }

    /// <summary>Parses a master boot record.</summary>
    /// <param name="sector">The image's first 512 bytes.</param>
    /// <param name="imageLength">The image's length in bytes: no partition may reach beyond.</param>
    /// <param name="imageName">The image, for error messages.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.UnsupportedLayout"/>.</exception>
    public static PartitionTable Parse(ReadOnlySpan<byte> sector, long imageLength, string imageName)
    {
        if (sector.Length < SectorSize)
            throw Unsupported(imageName, $"it is only {sector.Length} bytes long, too short for a partition table");
        if (sector[SignatureOffset] != 0x55 || sector[SignatureOffset + 1] != 0xAA)
            throw Unsupported(imageName, "its first sector has no MBR signature (0x55 0xAA)");

        var partitions = new List<Partition>();
        for (var number = 1; number <= 4; number++)
        {
            var entry = sector.Slice(EntriesOffset + (number - 1) * EntrySize, EntrySize);
            if (entry[4] != 0)
                partitions.Add(ParseEntry(entry, number, imageName));
        }

        if (partitions.Count == 0)
            throw Unsupported(imageName, "its partition table is empty");
        CheckPlaces(partitions, imageLength, imageName);
        return new PartitionTable(BinaryPrimitives.ReadUInt32LittleEndian(sector[DiskIdOffset..]), partitions);
    }

    /// <summary>The master boot record with this table and no boot code, 512 bytes.</summary>
    public byte[] ToBytes()
    {
        var sector = new byte[SectorSize];
        BinaryPrimitives.WriteUInt32LittleEndian(sector.AsSpan(DiskIdOffset), DiskId);
        foreach (var partition in Partitions)
        {
            var entry = sector.AsSpan(EntriesOffset + (partition.Number - 1) * EntrySize, EntrySize);
            entry[0] = (byte)(partition.Bootable ? 0x80 : 0);
            NoGeometry.CopyTo(entry[1..]);
            entry[4] = partition.Type;
            NoGeometry.CopyTo(entry[5..]);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], checked((uint)partition.StartSector));
            BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], checked((uint)partition.SectorCount));
        }

        sector[SignatureOffset] = 0x55;
        sector[SignatureOffset + 1] = 0xAA;
        return sector;
    }

    /// <summary>Writes the table into an existing image of the full length; boot code before it stays.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.UnsupportedLayout"/> when the table does not fit the image;
    /// <see cref="DiagnosticCode.FileAccess"/>, <see cref="DiagnosticCode.NoSpace"/>.</exception>
    public void WriteTo(string imagePath)
    {
        var sector = ToBytes();
        using var image = HostFile.OpenWrite(imagePath);
        Parse(sector, RandomAccess.GetLength(image), imagePath);
        HostFile.Guard(imagePath, () => RandomAccess.Write(image, sector.AsSpan(DiskIdOffset), DiskIdOffset));
    }

    private static Partition ParseEntry(ReadOnlySpan<byte> entry, int number, string imageName)
    {
        var type = entry[4];
        switch (type)
        {
            case 0xEE:
                throw Unsupported(imageName, "it has a GPT (its MBR holds a protective partition of type 0xEE)");
            case 0x05 or 0x0F or 0x85:
                throw Unsupported(imageName, $"partition {number} is an extended partition (type 0x{type:x2})");
        }

        if (entry[0] is not (0 or 0x80))
            throw Unsupported(imageName, $"partition {number} has the impossible boot flag 0x{entry[0]:x2}");
        return new Partition(number, type, entry[0] == 0x80,
            BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]));
    }

    private static void CheckPlaces(List<Partition> partitions, long imageLength, string imageName)
    {
        Partition? previous = null;
        foreach (var partition in partitions.OrderBy(p => p.StartSector))
        {
            if (partition.StartSector == 0 || partition.SectorCount == 0)
                throw Unsupported(imageName, $"partition {partition.Number} starts at sector {partition.StartSector} and has {partition.SectorCount} sectors");
            if (partition.EndSector * SectorSize > imageLength)
                throw Unsupported(imageName, $"partition {partition.Number} ends at byte {partition.EndSector * SectorSize}, but the file has {imageLength} bytes: it is truncated");
            if (previous is not null && previous.EndSector > partition.StartSector)
                throw Unsupported(imageName, $"partitions {previous.Number} and {partition.Number} overlap");
            previous = partition;
        }
    }

    private static W4bException Unsupported(string imageName, string found)
        => DiagnosticCode.UnsupportedLayout.Error($"{imageName} cannot be used: {found}.");
}
