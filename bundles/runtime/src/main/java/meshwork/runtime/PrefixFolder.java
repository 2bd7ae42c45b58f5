package meshwork.runtime;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

import meshwork.runtime.SavedPrefixes.Saved;

/**
 * A folder of saved prefixes, a file each, readable by the node's user alone. A file that is damaged, or of another model, engine release
 * or form, is not used.
 */
final class PrefixFolder {

	private static final int MAGIC = 0x4D57_5031;
	private static final String ENDING = ".prefix";

	private final Path folder;
	private final String format;
	private final long most;
	private final Consumer<String> complaints;

	/**
	 * @param format of the states: those of others lie beside them
	 * @param most bytes that its files may take
	 */
	PrefixFolder(Path folder, String format, long most, Consumer<String> complaints) {
		this.folder = folder.resolve(name(format.getBytes(StandardCharsets.UTF_8)));
		this.format = format;
		this.most = most;
		this.complaints = complaints;
	}

	/** Those that are there, the one that was used last at the end; their states are mapped. */
	List<Saved> read() {
		var found = new ArrayList<Saved>();
		for (Path file : files())
			try {
				read(file, found);
			} catch (IOException | RuntimeException e) {
				complaints.accept("the saved prompt %s can't be used and is removed: %s".formatted(file, e.getMessage()));
				remove(file);
			}
		return found;
	}

	private void read(Path file, List<Saved> found) throws IOException {
		Arena arena = Arena.ofShared();
		try (var channel = FileChannel.open(file)) {
			MemorySegment all = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
			var header = all.asByteBuffer();
			if (header.getInt() != MAGIC)
				throw new IOException("it is no saved prompt");
			long sum = header.getLong();
			if (sum(all.asSlice(header.position())) != sum)
				throw new IOException("it is damaged");
			if (!text(header).equals(format))
				throw new IOException("it is of another model or engine");
			String scope = text(header);
			var tokens = new int[header.getInt()];
			header.asIntBuffer().get(tokens);
			long begin = aligned(header.position() + Integer.BYTES * (long) tokens.length);
			found.add(new Saved(new Prefix(scope, tokens), all.asSlice(begin), arena, 0));
		} catch (IOException | RuntimeException e) {
			arena.close();
			throw e;
		}
	}

	private static String text(ByteBuffer from) {
		var bytes = new byte[from.getInt()];
		from.get(bytes);
		return new String(bytes, StandardCharsets.UTF_8);
	}

	private static long aligned(long offset) {
		return offset + 63 & ~63;
	}

	private static long sum(MemorySegment bytes) {
		var sum = new CRC32C();
		sum.update(bytes.asByteBuffer());
		return sum.getValue();
	}

	/** Replaces what is there; what was used last is written first, as far as there is room. */
	void write(List<Saved> all) {
		try {
			Files.createDirectories(folder);
			Set<String> kept = new HashSet<>();
			long room = most;
			FileTime now = FileTime.fromMillis(System.currentTimeMillis());
			for (Saved saved : all.reversed()) {
				room -= saved.state().byteSize();
				if (room < 0)
					break;
				String name = name(saved.prefix()) + ENDING;
				kept.add(name);
				write(folder.resolve(name), saved);
				now = FileTime.fromMillis(now.toMillis() - 1);
				Files.setLastModifiedTime(folder.resolve(name), now);
			}
			for (Path file : files())
				if (!kept.contains(file.getFileName().toString()))
					remove(file);
		} catch (IOException e) {
			complaints.accept("prompts can't be saved in %s: %s".formatted(folder, e));
		}
	}

	private void write(Path file, Saved saved) throws IOException {
		if (saved.bytes() == 0 && Files.exists(file))
			return;
		byte[] form = format.getBytes(StandardCharsets.UTF_8);
		byte[] scope = saved.prefix().scope().getBytes(StandardCharsets.UTF_8);
		int[] tokens = saved.prefix().tokens();
		int size = Integer.BYTES + Long.BYTES + 3 * Integer.BYTES + form.length + scope.length + Integer.BYTES * tokens.length;
		long whole = aligned(size) + saved.state().byteSize();
		Path begun = Files.createTempFile(folder, "saving", ".tmp");
		try (var channel = FileChannel.open(begun, StandardOpenOption.READ, StandardOpenOption.WRITE); Arena arena = Arena.ofConfined()) {
			MemorySegment all = channel.map(MapMode.READ_WRITE, 0, whole, arena);
			var header = all.asByteBuffer();
			header.putInt(MAGIC).putLong(0).putInt(form.length).put(form).putInt(scope.length).put(scope).putInt(tokens.length);
			header.asIntBuffer().put(tokens);
			MemorySegment.copy(saved.state(), JAVA_BYTE, 0, all, JAVA_BYTE, aligned(size), saved.state().byteSize());
			int summed = Integer.BYTES + Long.BYTES;
			header.putLong(Integer.BYTES, sum(all.asSlice(summed)));
			all.force();
		} catch (IOException | RuntimeException e) {
			remove(begun);
			throw e;
		}
		Files.move(begun, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
	}

	/** From the one used longest ago to the last. */
	private List<Path> files() {
		try (Stream<Path> files = Files.list(folder)) {
			return files.filter(file -> file.toString().endsWith(ENDING)).sorted(Comparator.comparing(PrefixFolder::used)).toList();
		} catch (NoSuchFileException e) {
			return List.of();
		} catch (IOException e) {
			complaints.accept("saved prompts in %s can't be read: %s".formatted(folder, e));
			return List.of();
		}
	}

	private static FileTime used(Path file) {
		try {
			return Files.getLastModifiedTime(file);
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
	}

	private static void remove(Path file) {
		try {
			Files.deleteIfExists(file);
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
	}

	private static String name(Prefix prefix) {
		byte[] scope = prefix.scope().getBytes(StandardCharsets.UTF_8);
		var bytes = ByteBuffer.allocate(scope.length + 1 + Integer.BYTES * prefix.size()).put(scope).put((byte) 0);
		bytes.asIntBuffer().put(prefix.tokens());
		return name(bytes.array());
	}

	private static String name(byte[] content) {
		try {
			return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content), 0, 16);
		} catch (NoSuchAlgorithmException e) {
			throw new IllegalStateException(e);
		}
	}
}
