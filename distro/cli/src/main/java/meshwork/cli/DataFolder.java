package meshwork.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * The folder in which a node keeps what is its own, its owner's alone. One node at a time uses it.
 *
 * @param path absolute
 * @param conf configuration of this node, over that of the distribution
 */
record DataFolder(Path path, Path conf) {

	static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");
	static final Set<PosixFilePermission> OWNER_FOLDER = PosixFilePermissions.fromString("rwx------");

	/** The address of a Unix domain socket has room for little more, on macOS for 104 bytes. */
	private static final int LONGEST_SOCKET = 100;

	/** The one that is named, or what {@code MESHWORK_DATA} names, or {@code ~/.meshwork}. */
	static DataFolder of(Optional<Path> named) {
		Path path = named.or(() -> Optional.ofNullable(System.getenv("MESHWORK_DATA")).filter(name -> !name.isBlank()).map(Path::of))
				.orElseGet(() -> Path.of(System.getProperty("user.home"), ".meshwork"));
		path = path.toAbsolutePath().normalize();
		return new DataFolder(path, path.resolve("conf"));
	}

	/** Where the framework unpacks bundles. */
	Path cache() {
		return path.resolve("cache");
	}

	Path log() {
		return path.resolve("log/node.log");
	}

	Path nodeFile() {
		return path.resolve("node.json");
	}

	/** API keys, if the configuration names no other file. */
	Path keys() {
		return path.resolve("api.keys");
	}

	Path history() {
		return path.resolve("shell.history");
	}

	/** The node that runs here. */
	Optional<RunningNode> running() {
		return RunningNode.read(nodeFile());
	}

	/** The node that runs here. */
	RunningNode mustRun() {
		return running().orElseThrow(() -> new Refusal(ExitCode.NOT_RUNNING,
				"no node runs on %s; start one with: meshwork serve".formatted(path)));
	}

	/** What a second node on this folder is told. */
	Refusal taken() {
		return new Refusal(ExitCode.ALREADY_RUNNING, running()
				.map(node -> "a node runs on %s already: process %d, %s; stop it with 'meshwork stop', or give this one another folder with --data"
						.formatted(path, node.pid(), node.url()))
				.orElse("another process starts a node on %s at this moment".formatted(path)));
	}

	/**
	 * Makes the folder and takes it for this process; closing the channel gives it back.
	 *
	 * @throws Refusal when another node has it, or it can't be written
	 */
	FileChannel take() {
		try {
			makeFolder(path);
			// a folder that isn't there can't be watched for files that come later
			makeFolder(path.resolve("conf"));
			FileChannel channel = FileChannel.open(path.resolve("node.lock"), EnumSet.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
					PosixFilePermissions.asFileAttribute(OWNER_FILE));
			FileLock lock = channel.tryLock();
			if (lock == null) {
				channel.close();
				throw taken();
			}
			return channel;
		} catch (IOException e) {
			throw new Refusal(ExitCode.BAD_FOLDER, "the data folder %s can't be used: %s".formatted(path, reason(e)));
		}
	}

	/** A path for the shell's socket, in a folder that only its owner can enter. */
	Path makeSocket() throws IOException {
		Path folder = path.resolve("run");
		Path socket = folder.resolve("shell.sock");
		if (socket.toString().getBytes().length > LONGEST_SOCKET)
			return Files.createTempDirectory("meshwork").resolve("shell.sock");
		makeFolder(folder);
		Files.setPosixFilePermissions(folder, OWNER_FOLDER);
		return socket;
	}

	static void makeFolder(Path folder) throws IOException {
		if (!Files.isDirectory(folder))
			Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_FOLDER));
	}

	/** The message of an exception of the file system, which is often the path alone. */
	static String reason(IOException e) {
		return switch (e) {
			case java.nio.file.AccessDeniedException _ -> "access is denied";
			case java.nio.file.FileAlreadyExistsException _ -> "it is not a folder";
			case java.nio.file.NoSuchFileException _ -> "it is not there";
			case java.nio.file.FileSystemException f when f.getReason() != null -> f.getReason();
			default -> e.getMessage();
		};
	}
}
