namespace W4b.Image.Configuration;

public static partial class Settings
{
    private static IEnumerable<Setting> Software() =>
    [
        new("software.packages", SettingKind.List, "Debian packages installed into the image.", Check: Values.Package),
        new("software.scripts", SettingKind.List, "Scripts run in the image's root as root after the packages; paths relative to the YAML file."),
        new("software.repositories", SettingKind.Mappings, "apt repositories beside the base's own."),
        new("software.repositories[].url", SettingKind.Text, "https or http URL of the repository.", Check: Values.HttpUrl),
        new("software.repositories[].suite", SettingKind.Text, "Its suite, e.g. `trixie-pgdg`; a path such as `./` for a repository without suites. Default: the base's.", Check: Values.Suite),
        new("software.repositories[].components", SettingKind.List, "Its components. Default: `main`.", Check: Values.Suite),
        new("software.repositories[].key", SettingKind.Text, "File with its OpenPGP signing key, armored or not, relative to the YAML file. It signs this repository and no other."),
        new("software.python_packages", SettingKind.List, "Python packages of the virtual environment, as pip names them.", Check: Values.PythonRequirement),
        new("software.python_requirements.file", SettingKind.Text, "A pip requirements file, relative to the YAML file."),
        new("software.python_wheels", SettingKind.Text, "Folder of wheels, relative to the YAML file: pip takes packages from there and needs no network."),
        new("software.python_index", SettingKind.Text, "URL of a package index, instead of pip's own.", Check: Values.HttpUrl),
    ];
}
