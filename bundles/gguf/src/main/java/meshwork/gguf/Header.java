package meshwork.gguf;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static meshwork.gguf.ModelRejected.count;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import meshwork.gguf.ModelRejected.Kind;

/**
 * Everything of one GGUF file but its tensor data, checked against every rule of the format that llama.cpp has, and
 * some of its own where llama.cpp trusts the file.
 * <p>
 * The header is read into the heap in steps as large as it turns out to be, not mapped. A mapped file that is cut short
 * by somebody else (a download that restarts, say) faults on access, which the JVM reports as an {@link InternalError}
 * some time later in whatever code is running then; and it may change between check and use. What is read once is what
 * has been checked, ends in an {@link IOException} at worst, and needs no closing. It costs a copy: about 1 ms for the
 * largest vocabularies there are.
 *
 * @param bytes the header itself, up to the padding before the data
 */
record Header(Part part, Metadata metadata, List<TensorEntry> tensors, MemorySegment bytes) {

	/** More than any model's vocabulary needs by far, and little enough to hold. */
	private static final int MAX_BYTES = 64 << 20;
	private static final int FIRST_READ = 256 << 10;
	private static final int READ_STEP = 1 << 20;

	private static final int MAX_KEYS = 65_536;
	private static final int MAX_KEY_BYTES = 65_535;
	private static final int MAX_TENSORS = 1_000_000;
	private static final int MAX_NAME_BYTES = 63;
	private static final int MAX_DIMENSIONS = 4;
	private static final int DEFAULT_ALIGNMENT = 32;
	private static final int MAX_ALIGNMENT = 1 << 20;

	/**
	 * Reads and checks the header of {@code file}.
	 *
	 * @param index of this file among the parts of its model
	 */
	static Header read(Path file, int index) {
		try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
			BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
			if (!attributes.isRegularFile()) {
				throw new ModelRejected(Kind.UNREADABLE, "this is not a file", file);
			}
			return new Reader(file, channel, channel.size()).header(index, attributes);
		} catch (NoSuchFileException e) {
			throw new ModelRejected(Kind.UNREADABLE, "there is no such file", file, e);
		} catch (IOException e) {
			throw new ModelRejected(Kind.UNREADABLE, "it can't be read: " + e.getMessage(), file, e);
		}
	}

	/** Reads forward, and knows what it is reading for the message of a refusal. */
	private static final class Reader {

		private final Path file;
		private final FileChannel channel;
		private final long size;
		private byte[] bytes;
		private MemorySegment segment;
		private int read;
		private int at;
		private String what = "the header";

		Reader(Path file, FileChannel channel, long size) {
			this.file = file;
			this.channel = channel;
			this.size = size;
			bytes = new byte[(int) Math.min(size, FIRST_READ)];
			segment = MemorySegment.ofArray(bytes);
		}

		Header header(int index, BasicFileAttributes attributes) throws IOException {
			int version = version();
			long tensorCount = u64();
			long keyCount = u64();
			if (keyCount < 0 || keyCount > MAX_KEYS) {
				throw rejected("it claims " + count(keyCount) + " metadata keys, at most " + count(MAX_KEYS)
						+ " are accepted: the file is damaged");
			}
			if (tensorCount < 0 || tensorCount > MAX_TENSORS) {
				throw rejected("it claims " + count(tensorCount) + " tensors, at most " + count(MAX_TENSORS)
						+ " are accepted: the file is damaged");
			}
			Map<String, Value> values = new LinkedHashMap<>();
			for (int i = 0; i < keyCount; i++) {
				what = "metadata key " + i;
				String key = key(i);
				what = key;
				if (values.putIfAbsent(key, value()) != null) {
					throw rejected("metadata key " + key + " occurs twice");
				}
			}
			Metadata metadata = new Metadata(values);
			int alignment = alignment(metadata);
			List<TensorEntry> tensors = new ArrayList<>();
			Set<String> names = new HashSet<>();
			for (int i = 0; i < tensorCount; i++) {
				what = "tensor " + i;
				TensorEntry tensor = tensor(i, index);
				if (!names.add(tensor.name())) {
					throw rejected("tensor " + tensor.name() + " occurs twice");
				}
				tensors.add(tensor);
			}
			long dataOffset = tensorCount == 0 ? at : padded(at, alignment);
			Part part = new Part(file, version, alignment, dataOffset, size, attributes.lastModifiedTime());
			return new Header(part, metadata, placed(tensors, part), segment.asSlice(0, at).asReadOnly());
		}

		private int version() throws IOException {
			if (size < 4) {
				throw rejected(Kind.NOT_A_MODEL,
						size == 0 ? "the file is empty" : "the file has only " + size + " bytes: not a GGUF file");
			}
			need(4);
			String magic = new String(bytes, 0, 4, ISO_8859_1);
			at = 4;
			if (!magic.equals("GGUF")) {
				throw rejected(Kind.NOT_A_MODEL, "not a GGUF file: " + lookalike(magic));
			}
			int version = u32();
			if (version != 0 && (version & 0xFFFF) == 0) {
				throw rejected("this is a big-endian GGUF file: a little-endian one of the same model is needed");
			}
			if (version == 1) {
				throw rejected("GGUF version 1 has not been in use since 2023: convert or download the model anew");
			}
			if (version != 2 && version != 3) {
				throw rejected("GGUF version " + Integer.toUnsignedString(version) + " is unknown, only 2 and 3 are");
			}
			return version;
		}

		private static String lookalike(String magic) {
			return switch (magic) {
				case "vers" -> "it looks like a Git LFS pointer, fetch the file that it stands for (git lfs pull)";
				case "<!DO", "<!do", "<htm", "<HTM" -> "it is a web page, so the download went wrong";
				case "lmgg", "fmgg", "tjgg", "GGML" -> "it is in a format that GGUF replaced in 2023, convert it anew";
				case "PK\3\4" -> "it is a zip archive, perhaps a PyTorch model that has yet to be converted";
				default -> "it begins with " + printable(magic) + " instead of GGUF";
			};
		}

		private static String printable(String magic) {
			return magic.chars().allMatch(c -> c > 0x20 && c < 0x7F) ? magic
					: String.format("bytes %02x %02x %02x %02x", (int) magic.charAt(0), (int) magic.charAt(1),
							(int) magic.charAt(2), (int) magic.charAt(3));
		}

		private String key(int i) throws IOException {
			int length = length();
			if (length == 0) {
				throw rejected("metadata key " + i + " is empty");
			}
			if (length > MAX_KEY_BYTES) {
				throw rejected("metadata key " + i + " has " + count(length) + " bytes, at most " + count(MAX_KEY_BYTES)
						+ " are allowed");
			}
			return name(length);
		}

		/** A key or name; those with a NUL mean one thing to C and another to everybody else. */
		private String name(int length) throws IOException {
			need(length);
			try {
				String name = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, at, length)).toString();
				if (name.chars().anyMatch(c -> c < 0x20 || c == 0x7F)) {
					throw rejected(what + " has control characters in its name");
				}
				at += length;
				return name;
			} catch (CharacterCodingException e) {
				throw rejected("the name of " + what + " is not UTF-8");
			}
		}

		private Value value() throws IOException {
			ValueType type = type();
			return switch (type) {
				case STRING -> {
					int length = length();
					need(length);
					MemorySegment text = slice(length);
					yield new Value.Text(text);
				}
				case ARRAY -> array();
				case BOOL -> {
					need(1);
					yield new Value.Bool(bytes[at++] != 0);
				}
				case F32, F64 -> {
					need(type.bytes());
					double value = Value.Numbers.real(type, segment, at);
					at += type.bytes();
					yield new Value.Real(type, value);
				}
				default -> {
					need(type.bytes());
					long value = Value.Numbers.integer(type, segment, at);
					at += type.bytes();
					yield new Value.Int(type, value);
				}
			};
		}

		private ValueType type() throws IOException {
			int id = u32();
			return ValueType.of(id).orElseThrow(
					() -> rejected(what + " has the unknown value type " + Integer.toUnsignedString(id)));
		}

		private Value array() throws IOException {
			ValueType type = type();
			if (type == ValueType.ARRAY) {
				throw rejected(what + " is an array of arrays, which no reader of GGUF supports");
			}
			long elements = u64();
			int least = type == ValueType.STRING ? Long.BYTES : type.bytes();
			if (elements < 0 || elements > (size - at) / least) {
				throw truncated("claims " + count(elements) + " elements");
			}
			if (elements > MAX_BYTES / least) {
				throw tooLarge();
			}
			return type == ValueType.STRING ? texts((int) elements) : numbers(type, (int) elements);
		}

		private Value numbers(ValueType type, int elements) throws IOException {
			int length = elements * type.bytes();
			need(length);
			return new Value.Numbers(type, slice(length));
		}

		private Value texts(int elements) throws IOException {
			int begin = at;
			int[] starts = new int[elements];
			for (int i = 0; i < elements; i++) {
				int length = shortLength();
				starts[i] = at - begin;
				need(length);
				at += length;
			}
			int length = at - begin;
			at = begin;
			return new Value.Texts(slice(length), starts);
		}

		private TensorEntry tensor(int i, int part) throws IOException {
			int length = length();
			if (length > MAX_NAME_BYTES) {
				throw rejected("the name of tensor " + i + " has " + count(length) + " bytes, at most " + MAX_NAME_BYTES
						+ " are allowed");
			}
			String name = name(length);
			if (name.isEmpty()) {
				throw rejected("tensor " + i + " has no name");
			}
			what = "tensor " + name;
			int dimensions = u32();
			if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
				throw rejected(name + " has " + Integer.toUnsignedString(dimensions) + " dimensions, 1 to "
						+ MAX_DIMENSIONS + " are possible");
			}
			List<Long> shape = new ArrayList<>(dimensions);
			for (int d = 0; d < dimensions; d++) {
				long extent = u64();
				if (extent < 0) {
					throw rejected(name + " has the negative extent " + extent);
				}
				shape.add(extent);
			}
			int id = u32();
			TensorType type = TensorType.of(id).orElseThrow(() -> rejected(name + " has the type "
					+ Integer.toUnsignedString(id) + ", which llama.cpp doesn't have (any more): convert the model anew"));
			if (shape.getFirst() % type.blockElements() != 0) {
				throw rejected(name + " has rows of " + count(shape.getFirst()) + " elements, not a multiple of the "
						+ type.blockElements() + " in a block of " + type);
			}
			TensorEntry tensor = new TensorEntry(name, type, shape, part, u64());
			try {
				tensor.bytes();
			} catch (ArithmeticException e) {
				throw rejected(name + " has the shape " + shape + ", more bytes than 64 bits can count");
			}
			return tensor;
		}

		/** The tensors with offsets in the file; they lie one after the other, in the order of the header. */
		private List<TensorEntry> placed(List<TensorEntry> tensors, Part part) {
			List<TensorEntry> placed = new ArrayList<>(tensors.size());
			long expected = 0;
			for (TensorEntry tensor : tensors) {
				if (tensor.offset() != expected) {
					throw rejected(tensor.name() + " is at offset " + count(tensor.offset()) + " of the data instead of "
							+ count(expected) + ": tensors have to follow each other without gaps");
				}
				try {
					long offset = Math.addExact(part.dataOffset(), expected);
					long end = Math.addExact(offset, tensor.bytes());
					if (end > size) {
						throw rejected(Kind.TRUNCATED, tensor.name() + " ends at byte " + count(end) + ", the file at "
								+ count(size) + ": the download is incomplete");
					}
					expected = Math.addExact(expected, padded(tensor.bytes(), part.alignment()));
					placed.add(new TensorEntry(tensor.name(), tensor.type(), tensor.shape(), tensor.part(), offset));
				} catch (ArithmeticException e) {
					throw rejected(tensor.name() + " ends beyond what 64 bits can count: the file is damaged");
				}
			}
			return List.copyOf(placed);
		}

		private int alignment(Metadata metadata) {
			Value value = metadata.value("general.alignment").orElse(Value.u32(DEFAULT_ALIGNMENT));
			if (!(value instanceof Value.Int(ValueType type, long alignment)) || type != ValueType.U32) {
				throw rejected("general.alignment is " + value.type() + ", not u32");
			}
			if (Long.bitCount(alignment) != 1 || alignment > MAX_ALIGNMENT) {
				throw rejected("general.alignment is " + count(alignment) + ", not a power of two up to "
						+ count(MAX_ALIGNMENT));
			}
			return (int) alignment;
		}

		private static long padded(long bytes, int alignment) {
			return Math.addExact(bytes, alignment - 1L) & -alignment;
		}

		private int u32() throws IOException {
			need(Integer.BYTES);
			int value = segment.get(LittleEndian.INT, at);
			at += Integer.BYTES;
			return value;
		}

		private long u64() throws IOException {
			need(Long.BYTES);
			long value = segment.get(LittleEndian.LONG, at);
			at += Long.BYTES;
			return value;
		}

		/** The length of a string. */
		private int length() throws IOException {
			long length = u64();
			if (length < 0 || length > size - at) {
				throw truncated("claims a string of " + count(length) + " bytes");
			}
			if (length > MAX_BYTES) {
				throw tooLarge();
			}
			return (int) length;
		}

		/** The length of a string that is likely to be short: vocabularies have hundreds of thousands. */
		private int shortLength() throws IOException {
			if (read - at < Long.BYTES || (bytes[at + 1] | bytes[at + 2] | bytes[at + 3] | bytes[at + 4] | bytes[at + 5]
					| bytes[at + 6] | bytes[at + 7]) != 0) {
				return length();
			}
			int length = bytes[at] & 0xFF;
			at += Long.BYTES;
			return length;
		}

		private MemorySegment slice(int length) {
			MemorySegment slice = segment.asSlice(at, length).asReadOnly();
			at += length;
			return slice;
		}

		/** Sees to it that {@code length} more bytes are there. */
		private void need(int length) throws IOException {
			if (length <= read - at) {
				return;
			}
			if (length > size - at) {
				throw truncated("needs " + count(length) + " bytes");
			}
			if (length > MAX_BYTES - at) {
				throw tooLarge();
			}
			int end = at + length;
			if (end > bytes.length) {
				long roomy = Math.min(Math.min(4L * bytes.length, MAX_BYTES), size);
				bytes = Arrays.copyOf(bytes, (int) Math.max(roomy, end));
				segment = MemorySegment.ofArray(bytes);
			}
			while (read < end) {
				ByteBuffer target = ByteBuffer.wrap(bytes, read, Math.min(bytes.length - read, READ_STEP));
				int got = channel.read(target, read);
				if (got < 0) {
					throw rejected(Kind.TRUNCATED, "it became shorter while it was read");
				}
				read += got;
			}
		}

		private ModelRejected truncated(String claim) {
			return rejected(Kind.TRUNCATED, what + " " + claim + " at byte " + count(at) + ", but the file ends at byte "
					+ count(size) + ": the download is incomplete or the file is damaged");
		}

		private ModelRejected tooLarge() {
			return rejected("its header takes more than " + count(MAX_BYTES) + " bytes (" + what
					+ "): no model needs that");
		}

		private ModelRejected rejected(String reason) {
			return rejected(Kind.MALFORMED, reason);
		}

		private ModelRejected rejected(Kind kind, String reason) {
			return new ModelRejected(kind, reason, file);
		}
	}
}
