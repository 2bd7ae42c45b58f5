package meshwork.gguf;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Writes a GGUF file of version 3: metadata and tensors in the order in which they were given. Tensor data stream from
 * their source to the file, so a file of any size takes as much memory as its header.
 */
public final class GgufWriter {

	private static final int VERSION = 3;
	private static final int DEFAULT_ALIGNMENT = 32;

	/** Where the data of a tensor come from. */
	@FunctionalInterface
	public interface Content {

		/** Writes all of it, {@link TensorEntry#bytes()} bytes. */
		void writeTo(WritableByteChannel channel) throws IOException;

		/** All of {@code bytes}. */
		static Content of(MemorySegment bytes) {
			return channel -> {
				ByteBuffer buffer = bytes.asByteBuffer();
				while (buffer.hasRemaining()) {
					channel.write(buffer);
				}
			};
		}

		/** The bytes from {@code offset} on of {@code file}, which is opened when they are needed. */
		static Content of(Path file, long offset, long bytes) {
			return channel -> {
				try (FileChannel source = FileChannel.open(file, StandardOpenOption.READ)) {
					for (long done = 0; done < bytes;) {
						long moved = source.transferTo(offset + done, bytes - done, channel);
						if (moved <= 0) {
							throw new IOException(file + " became shorter while it was copied");
						}
						done += moved;
					}
				}
			};
		}
	}

	private record Source(TensorEntry tensor, Content content) {
	}

	private final Map<String, Value> metadata = new LinkedHashMap<>();
	private final List<Source> sources = new ArrayList<>();

	/** Sets a metadata key; {@code general.alignment} is obeyed. */
	public GgufWriter put(String key, Value value) {
		metadata.put(key, value);
		return this;
	}

	/** Sets a metadata key to a string. */
	public GgufWriter put(String key, String value) {
		return put(key, Value.of(value));
	}

	/** Takes over all the metadata of another model. */
	public GgufWriter putAll(Metadata other) {
		metadata.putAll(other.values());
		return this;
	}

	/** Leaves a metadata key out after all. */
	public GgufWriter remove(String key) {
		metadata.remove(key);
		return this;
	}

	/**
	 * Adds a tensor.
	 *
	 * @param shape elements along each axis, the contiguous one first
	 */
	public GgufWriter tensor(String name, TensorType type, List<Long> shape, Content content) {
		sources.add(new Source(new TensorEntry(name, type, shape, 0, 0), content));
		return this;
	}

	/** Adds {@code tensor} of {@code model} as it is. */
	public GgufWriter tensor(Gguf model, TensorEntry tensor) {
		Path file = model.parts().get(tensor.part()).file();
		return tensor(tensor.name(), tensor.type(), tensor.shape(),
				Content.of(file, tensor.offset(), tensor.bytes()));
	}

	/**
	 * Writes the file: under another name first, and what is on the disk under {@code target} in the end is complete.
	 *
	 * @throws IOException if that fails, or if a content has not as many bytes as its tensor; {@code target} is then
	 *         what it was before
	 */
	public void write(Path target) throws IOException {
		Path unfinished = target.resolveSibling(target.getFileName() + "." + UUID.randomUUID() + ".part");
		try {
			try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
				write(channel);
				channel.force(true);
			}
			Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
		} finally {
			Files.deleteIfExists(unfinished);
		}
	}

	private void write(FileChannel channel) throws IOException {
		int alignment = alignment();
		Content.of(header(alignment)).writeTo(channel);
		pad(channel, alignment);
		for (Source source : sources) {
			long begin = channel.position();
			source.content.writeTo(channel);
			long written = channel.position() - begin;
			if (written != source.tensor.bytes()) {
				throw new IOException(source.tensor.name() + " has " + source.tensor.bytes() + " bytes, its content "
						+ written);
			}
			pad(channel, alignment);
		}
	}

	private int alignment() {
		if (!(metadata.get("general.alignment") instanceof Value.Int(ValueType _, long alignment))) {
			return DEFAULT_ALIGNMENT;
		}
		if (Long.bitCount(alignment) != 1 || alignment > Integer.MAX_VALUE) {
			throw new IllegalArgumentException("general.alignment is " + alignment + ", not a power of two");
		}
		return (int) alignment;
	}

	private static void pad(FileChannel channel, int alignment) throws IOException {
		int missing = (int) (-channel.position() & (alignment - 1));
		Content.of(MemorySegment.ofArray(new byte[missing])).writeTo(channel);
	}

	private MemorySegment header(int alignment) {
		Encoder encoder = new Encoder();
		encoder.u32(0x46554747).u32(VERSION).u64(sources.size()).u64(metadata.size());
		metadata.forEach((key, value) -> encoder.text(Value.of(key).utf8()).value(value));
		long offset = 0;
		for (Source source : sources) {
			TensorEntry tensor = source.tensor;
			encoder.text(Value.of(tensor.name()).utf8()).u32(tensor.shape().size());
			tensor.shape().forEach(encoder::u64);
			encoder.u32(tensor.type().id()).u64(offset);
			offset += (tensor.bytes() + alignment - 1) & -alignment;
		}
		return encoder.bytes();
	}

	/** The bytes of a header, growing. */
	private static final class Encoder {

		private MemorySegment segment = MemorySegment.ofArray(new byte[64 << 10]);
		private int size;

		private int room(long bytes) {
			long needed = size + bytes;
			if (needed > segment.byteSize()) {
				byte[] larger = new byte[Math.toIntExact(Math.max(needed, 2 * segment.byteSize()))];
				MemorySegment.copy(segment, 0, MemorySegment.ofArray(larger), 0, size);
				segment = MemorySegment.ofArray(larger);
			}
			int at = size;
			size = (int) needed;
			return at;
		}

		Encoder u32(int value) {
			int at = room(Integer.BYTES);
			segment.set(LittleEndian.INT, at, value);
			return this;
		}

		Encoder u64(long value) {
			int at = room(Long.BYTES);
			segment.set(LittleEndian.LONG, at, value);
			return this;
		}

		Encoder raw(MemorySegment bytes) {
			int at = room(bytes.byteSize());
			MemorySegment.copy(bytes, 0, segment, at, bytes.byteSize());
			return this;
		}

		Encoder text(MemorySegment utf8) {
			return u64(utf8.byteSize()).raw(utf8);
		}

		Encoder value(Value value) {
			u32(value.type().ordinal());
			switch (value) {
				case Value.Text(MemorySegment utf8) -> text(utf8);
				case Value.Bool(boolean flag) -> number(ValueType.BOOL, flag ? 1 : 0);
				case Value.Int(ValueType type, long number) -> number(type, number);
				case Value.Real(ValueType type, double number) -> number(type, type == ValueType.F32
						? Float.floatToRawIntBits((float) number)
						: Double.doubleToRawLongBits(number));
				case Value.Array array -> u32(array.elementType().ordinal()).u64(array.size()).raw(array.bytes());
			}
			return this;
		}

		private void number(ValueType type, long bits) {
			int at = room(type.bytes());
			switch (type.bytes()) {
				case 1 -> segment.set(ValueLayout.JAVA_BYTE, at, (byte) bits);
				case 2 -> segment.set(LittleEndian.SHORT, at, (short) bits);
				case 4 -> segment.set(LittleEndian.INT, at, (int) bits);
				default -> segment.set(LittleEndian.LONG, at, bits);
			}
		}

		MemorySegment bytes() {
			return segment.asSlice(0, size);
		}
	}
}
