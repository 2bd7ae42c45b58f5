package meshwork.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import meshwork.gguf.ModelRejected.Kind;

/**
 * A model in GGUF format, of one file or several: its metadata and where its tensors lie. It holds no file open; the
 * headers were read, and checked against the format, when it was opened. Whether llama.cpp can do something with the
 * model is for {@link ModelCheck} to say.
 */
public final class Gguf {

	private static final int HASH_STEP = 4 << 20;

	private final List<Part> parts;
	private final Metadata metadata;
	private final List<TensorEntry> tensors;
	private final Map<String, TensorEntry> byName;
	private final List<Header> headers;

	private Gguf(List<Header> headers) {
		this.headers = List.copyOf(headers);
		parts = headers.stream().map(Header::part).toList();
		metadata = headers.getFirst().metadata();
		tensors = headers.stream().flatMap(header -> header.tensors().stream()).toList();
		byName = HashMap.newHashMap(tensors.size());
		for (TensorEntry tensor : tensors) {
			TensorEntry other = byName.put(tensor.name(), tensor);
			if (other != null) {
				throw new ModelRejected("tensor " + tensor.name() + " is in part " + (other.part() + 1) + " too",
						parts.get(tensor.part()).file());
			}
		}
	}

	/**
	 * Reads the header of {@code file}, and of the parts that follow if it is the first of several.
	 *
	 * @throws ModelRejected if one of them is not there or breaks a rule of the format
	 */
	public static Gguf open(Path file) {
		Header first = Header.read(file, 0);
		Metadata metadata = first.metadata();
		int count = (int) split(first, "split.count", ValueType.U16).orElse(0L).longValue();
		if (count <= 1) {
			return new Gguf(List.of(first));
		}
		long number = split(first, "split.no", ValueType.U16).orElseThrow(
				() -> new ModelRejected("it has split.count but no split.no: split the model anew", file));
		Optional<PartName> name = PartName.of(file);
		if (number != 0) {
			throw new ModelRejected("this is part " + (number + 1) + " of " + count + ": open the first one"
					+ name.map(it -> ", " + it.withNumber(1)).orElse(""), file);
		}
		if (name.isEmpty() || name.get().number() != 1 || name.get().count() != count) {
			throw new ModelRejected("this is the first of " + count + " parts, so its name has to end in "
					+ new PartName("", 1, count), file);
		}
		List<Header> headers = new ArrayList<>(List.of(first));
		for (int i = 1; i < count; i++) {
			Path next = file.resolveSibling(name.get().withNumber(i + 1).toString());
			if (Files.notExists(next)) {
				throw new ModelRejected(Kind.UNREADABLE,
						"part " + (i + 1) + " of " + count + " is missing: " + next.getFileName(), file);
			}
			headers.add(part(next, i, count));
		}
		Gguf model = new Gguf(headers);
		long claimed = split(first, "split.tensors.count", ValueType.I32).orElse(-1L);
		if (claimed != model.tensors.size()) {
			throw new ModelRejected("split.tensors.count is " + claimed + ", but the parts hold " + model.tensors.size()
					+ " tensors: they are not of one model", file);
		}
		return model;
	}

	private static Header part(Path file, int index, int count) {
		Header header = Header.read(file, index);
		long number = split(header, "split.no", ValueType.U16).orElse(-1L);
		if (number != index) {
			throw new ModelRejected("split.no is " + number + " instead of " + index + ": part " + (index + 1) + " of "
					+ count + " is another file", file);
		}
		long claimed = split(header, "split.count", ValueType.U16).orElse((long) count);
		if (claimed != count) {
			throw new ModelRejected("split.count is " + claimed + ", in the first part it is " + count
					+ ": they are not of one model", file);
		}
		return header;
	}

	private static Optional<Long> split(Header header, String key, ValueType type) {
		return header.metadata().value(key).map(value -> {
			if (value instanceof Value.Int(ValueType actual, long number) && actual == type) {
				return number;
			}
			throw new ModelRejected(key + " is " + value.type() + ", not " + type, header.part().file());
		});
	}

	/** Its files; tensors name theirs by index. */
	public List<Part> parts() {
		return parts;
	}

	/** The file that was opened. */
	public Path file() {
		return parts.getFirst().file();
	}

	/** What it says about itself. */
	public Metadata metadata() {
		return metadata;
	}

	/** Its tensors, in the order of the files. */
	public List<TensorEntry> tensors() {
		return tensors;
	}

	/** The tensor called {@code name}. */
	public Optional<TensorEntry> tensor(String name) {
		return Optional.ofNullable(byName.get(name));
	}

	/** Bytes of all tensors together. */
	public long tensorBytes() {
		return tensors.stream().mapToLong(TensorEntry::bytes).sum();
	}

	/**
	 * SHA-256 of the headers, in hex: a matter of milliseconds. It tells models apart that differ in names, shapes, types or
	 * metadata, but not those that differ in weights alone; nobody should be trusted with it.
	 */
	public String headerHash() {
		MessageDigest digest = sha256();
		headers.forEach(header -> digest.update(header.bytes().asByteBuffer()));
		return HexFormat.of().formatHex(digest.digest());
	}

	/**
	 * SHA-256 of all bytes of all files in their order, in hex: what {@code cat parts | sha256sum} says. Reads them
	 * all, so it takes as long as the disk does, and can be interrupted.
	 *
	 * @param progress is told how many bytes have been hashed so far
	 */
	public String contentHash(LongConsumer progress) throws IOException {
		MessageDigest digest = sha256();
		ByteBuffer buffer = ByteBuffer.allocateDirect(HASH_STEP);
		long done = 0;
		for (Part part : parts) {
			try (FileChannel channel = FileChannel.open(part.file(), StandardOpenOption.READ)) {
				while (channel.read(buffer) >= 0) {
					done += buffer.flip().remaining();
					digest.update(buffer);
					buffer.clear();
					progress.accept(done);
				}
			}
		}
		return HexFormat.of().formatHex(digest.digest());
	}

	private static MessageDigest sha256() {
		try {
			return MessageDigest.getInstance("SHA-256");
		} catch (NoSuchAlgorithmException e) {
			throw new IllegalStateException(e);
		}
	}

	@Override
	public String toString() {
		return file() + ": " + tensors.size() + " tensors, " + metadata.values().size() + " keys";
	}
}
