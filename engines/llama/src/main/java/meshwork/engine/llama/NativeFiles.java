package meshwork.engine.llama;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The libraries of one build of llama.cpp, as a bundle carries them, and how they come to lie in a folder from which a
 * process can load them.
 * <p>
 * The loaders of Linux and Windows take a library that is loaded already for any other of the same name, so a second release
 * would silently run on the first one's {@code libggml-base}. Therefore the libraries that others link to get a name of their
 * own: in every file of the set the old name is replaced by one of equal length that holds a part of the content's digest.
 * macOS looks {@code @rpath} names up beside the library that asks, and refuses changed files on Apple silicon: there the
 * folder is enough.
 */
final class NativeFiles {

	private final String digest;
	private final Map<String, URL> files = new TreeMap<>();
	private final Map<String, String> names = new TreeMap<>();

	/**
	 * Names a set of libraries.
	 *
	 * @param digest names the content of all of them, in hexadecimal, at least 16 digits
	 * @param files where each of them is to be read
	 */
	NativeFiles(String digest, Collection<URL> files) {
		if (!digest.matches("[0-9a-f]{16,}"))
			throw new IllegalArgumentException("not a digest: " + digest);
		this.digest = digest;
		for (URL file : files) {
			String path = file.getPath();
			String name = path.substring(path.lastIndexOf('/') + 1);
			this.files.put(name, file);
			names.put(name, linked(name) && !name.endsWith(".dylib") ? unique(name) : name);
		}
	}

	/** Whether others link to it, as to {@code libggml-base.so} or {@code llama.v0.4.0.dll}; backends are opened by name. */
	private static boolean linked(String name) {
		return name.matches("(lib)?(ggml-base|ggml|llama)\\..*");
	}

	/** A name of the same length: the first letters and the extension stay, between them stands the digest. */
	private String unique(String name) {
		int stem = name.startsWith("lib") ? 4 : 1;
		int extension = name.lastIndexOf('.');
		return name.substring(0, stem) + '-' + digest.substring(0, extension - stem - 1) + name.substring(extension);
	}

	/**
	 * Puts the libraries into a folder of their own, unless they are there. Several processes may do so at once: each file
	 * appears complete or not at all.
	 *
	 * @param cache the folder that holds such folders
	 * @return where the libraries are
	 * @throws UncheckedIOException when there is no room, or no right to write
	 */
	Path extract(Path cache) {
		Path folder = cache.resolve(digest.substring(0, 16));
		try {
			Files.createDirectories(folder);
			for (var file : files.entrySet()) {
				Path target = folder.resolve(names.get(file.getKey()));
				long size = file.getValue().openConnection().getContentLengthLong();
				if (size < 0 || !Files.exists(target) || Files.size(target) != size)
					write(renamed(file.getValue()), target);
			}
		} catch (IOException e) {
			throw new UncheckedIOException("can't put llama.cpp's libraries into " + folder + ": " + e.getMessage(), e);
		}
		return folder;
	}

	private byte[] renamed(URL file) throws IOException {
		try (InputStream in = file.openStream()) {
			byte[] bytes = in.readAllBytes();
			names.forEach((from, to) -> {
				if (!from.equals(to))
					replace(bytes, from, to);
			});
			return bytes;
		}
	}

	/** Replaces a string where it stands alone, between two zeros. */
	private static void replace(byte[] bytes, String from, String to) {
		byte[] old = ('\0' + from + '\0').getBytes(StandardCharsets.US_ASCII);
		byte[] now = to.getBytes(StandardCharsets.US_ASCII);
		for (int i = 0; i <= bytes.length - old.length; i++)
			if (bytes[i] == 0 && bytes[i + 1] == old[1] && Arrays.equals(bytes, i, i + old.length, old, 0, old.length))
				System.arraycopy(now, 0, bytes, i + 1, now.length);
	}

	private static void write(byte[] bytes, Path target) throws IOException {
		Path temporary = Files.createTempFile(target.getParent(), target.getFileName().toString(), ".part");
		try {
			try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
				ByteBuffer buffer = ByteBuffer.wrap(bytes);
				while (buffer.hasRemaining())
					channel.write(buffer);
				channel.force(true);
			}
			Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
		} finally {
			Files.deleteIfExists(temporary);
		}
	}

	/** The names, in their folder, of the libraries that hold the functions: each after those that it needs. */
	List<String> linked() {
		return Stream.of("ggml-base.", "ggml.", "llama.").flatMap(stem -> names.keySet().stream()
				.filter(name -> linked(name) && name.replaceFirst("^lib", "").startsWith(stem))).map(names::get).toList();
	}
}
