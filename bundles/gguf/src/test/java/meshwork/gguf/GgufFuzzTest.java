package meshwork.gguf;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import meshwork.gguf.fixture.TinyModel;

/**
 * Whatever the bytes, a file is read or refused: nothing else is thrown, and what was read can be used. The build
 * searches for five seconds; for longer:
 *
 * <pre>JAZZER_FUZZ=1 mvn -pl bundles/gguf test -Dtest=GgufFuzzTest#atLength</pre>
 */
class GgufFuzzTest {

	/** The header of a whole model. */
	private static final byte[] HEADER;
	/** Bytes of the data behind it. */
	private static final long DATA;

	static {
		try {
			Path file = Files.createTempFile("whole", ".gguf");
			try {
				Part whole = Gguf.open(TinyModel.mixtureOfExperts().write(file)).parts().getFirst();
				HEADER = Arrays.copyOf(Files.readAllBytes(file), (int) whole.dataOffset());
				DATA = whole.size() - whole.dataOffset();
			} finally {
				Files.delete(file);
			}
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
	}

	@FuzzTest(maxDuration = "5s")
	void briefly(FuzzedDataProvider data) throws IOException {
		if (data.consumeBoolean()) {
			open(changed(data), DATA);
		} else {
			open(data.consumeRemainingAsBytes(), 0);
		}
	}

	@FuzzTest(maxDuration = "10m")
	void atLength(FuzzedDataProvider data) throws IOException {
		briefly(data);
	}

	/** The header of a whole model with some of its bytes replaced. */
	private static byte[] changed(FuzzedDataProvider data) {
		byte[] bytes = HEADER.clone();
		int changes = data.consumeInt(1, 8);
		for (int i = 0; i < changes; i++) {
			int at = data.consumeInt(0, bytes.length - 8);
			byte[] change = data.consumeBytes(8);
			System.arraycopy(change, 0, bytes, at, change.length);
		}
		return bytes;
	}

	private static void open(byte[] header, long data) throws IOException {
		Path file = Files.write(Files.createTempFile("fuzz", ".gguf"), header);
		try {
			try (RandomAccessFile hole = new RandomAccessFile(file.toFile(), "rw")) {
				hole.setLength(header.length + data);
			}
			Gguf model = Gguf.open(file);
			model.metadata().values().forEach((_, value) -> use(value));
			ModelFacts facts = ModelCheck.check(model);
			MemoryEstimate.of(facts, 4096, 4, TensorType.F16).total();
		} catch (ModelRejected rejected) {
			rejected.getMessage();
		} finally {
			Files.delete(file);
		}
	}

	private static void use(Value value) {
		value.toString();
		if (value instanceof Value.Texts texts && texts.size() > 0) {
			texts.text(texts.size() - 1);
		}
	}
}
