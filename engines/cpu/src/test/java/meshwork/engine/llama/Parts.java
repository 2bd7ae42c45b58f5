package meshwork.engine.llama;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Cuts a GGUF file into two parts: all metadata and the first tensors, then the other tensors. */
final class Parts {

	private static final int ALIGNMENT = 32;
	private static final int U16 = 2;
	private static final int I32 = 5;
	private static final int STRING = 8;
	private static final int ARRAY = 9;
	/** Bytes that a value of a type takes, by the type's number; strings and arrays tell their own. */
	private static final int[] SIZES = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

	private final ByteBuffer file;
	private final int keys;
	private final byte[] metadata;
	private final List<Tensor> tensors = new ArrayList<>();

	private record Tensor(byte[] description, byte[] data) {
	}

	private Parts(byte[] bytes) {
		file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).position(8);
		int count = (int) file.getLong();
		keys = (int) file.getLong();
		int begin = file.position();
		for (int i = 0; i < keys; i++) {
			skipString();
			skipValue(file.getInt());
		}
		metadata = slice(begin, file.position());
		List<byte[]> descriptions = new ArrayList<>();
		List<Long> offsets = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			int start = file.position();
			skipString();
			file.position(file.position() + 4 + file.getInt(file.position()) * 8 + 4);
			descriptions.add(slice(start, file.position()));
			offsets.add(file.getLong());
		}
		int data = padded(file.position());
		offsets.add((long) bytes.length - data);
		for (int i = 0; i < count; i++)
			tensors.add(new Tensor(descriptions.get(i), slice(data + offsets.get(i).intValue(), data + offsets.get(i + 1).intValue())));
	}

	/** Writes both parts into a folder. */
	static List<Path> of(Path gguf, Path folder) throws IOException {
		var whole = new Parts(Files.readAllBytes(gguf));
		int half = whole.tensors.size() / 2;
		return List.of(Files.write(folder.resolve("one"), whole.part(0, 0, half)),
				Files.write(folder.resolve("two"), whole.part(1, half, whole.tensors.size())));
	}

	private byte[] part(int number, int from, int to) {
		ByteBuffer part = ByteBuffer.allocate(file.capacity()).order(ByteOrder.LITTLE_ENDIAN);
		part.put("GGUF".getBytes(StandardCharsets.US_ASCII)).putInt(3).putLong(to - from).putLong(number == 0 ? keys + 3 : 3);
		if (number == 0)
			part.put(metadata);
		key(part, "split.no", U16).putShort((short) number);
		key(part, "split.count", U16).putShort((short) 2);
		key(part, "split.tensors.count", I32).putInt(tensors.size());
		var data = new ByteArrayOutputStream();
		for (Tensor tensor : tensors.subList(from, to)) {
			part.put(tensor.description()).putLong(data.size());
			data.writeBytes(tensor.data());
		}
		part.position(padded(part.position())).put(data.toByteArray());
		return Arrays.copyOf(part.array(), part.position());
	}

	private static ByteBuffer key(ByteBuffer part, String name, int type) {
		return part.putLong(name.length()).put(name.getBytes(StandardCharsets.US_ASCII)).putInt(type);
	}

	private void skipString() {
		int length = (int) file.getLong();
		file.position(file.position() + length);
	}

	private void skipValue(int type) {
		switch (type) {
			case STRING -> skipString();
			case ARRAY -> {
				int element = file.getInt();
				long count = file.getLong();
				for (long i = 0; i < count; i++)
					skipValue(element);
			}
			default -> file.position(file.position() + SIZES[type]);
		}
	}

	private byte[] slice(int from, int to) {
		return Arrays.copyOfRange(file.array(), from, to);
	}

	private static int padded(int position) {
		return (position + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	}
}
