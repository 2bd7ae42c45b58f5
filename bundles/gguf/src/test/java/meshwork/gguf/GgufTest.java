package meshwork.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static meshwork.gguf.Bytes.U32;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import meshwork.gguf.fixture.TinyModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is what is read, whatever its type, in one file or several. */
class GgufTest {

	@TempDir
	private Path directory;

	@Test
	void everyTypeOfValueIsReadAsItWasWritten() throws IOException {
		List<Value> values = List.of(new Value.Int(ValueType.U8, 255), new Value.Int(ValueType.I8, -128),
				new Value.Int(ValueType.U16, 65_535), new Value.Int(ValueType.I16, -32_768), Value.u32(0xFFFF_FFFFL),
				new Value.Int(ValueType.I32, Integer.MIN_VALUE), new Value.Int(ValueType.U64, -1),
				new Value.Int(ValueType.I64, Long.MIN_VALUE), Value.f32(1.5), new Value.Real(ValueType.F64, Math.PI),
				Value.of(true), Value.of("héllo\0wörld"), Value.of(""), Value.texts(List.of("a", "", "日本")),
				Value.texts(List.of()), Value.ints(ValueType.I32, -1, 2), Value.ints(ValueType.U32, -1), Value.floats(0.5f),
				new Value.Numbers(ValueType.BOOL, MemorySegment.ofArray(new byte[] {0, 1})));
		GgufWriter writer = new GgufWriter();
		IntStream.range(0, values.size()).forEach(i -> writer.put("key." + i, values.get(i)));
		Path file = directory.resolve("values.gguf");
		writer.write(file);

		Metadata metadata = Gguf.open(file).metadata();

		assertEquals(values, List.copyOf(metadata.values().values()));
		assertEquals("18446744073709551615", metadata.value("key.6").orElseThrow().toString());
		assertEquals("héllo\0wörld", metadata.text("key.11").orElseThrow());
		assertEquals("日本", metadata.texts("key.13").orElseThrow().text(2));
		assertEquals(0xFFFF_FFFFL, metadata.numbers("key.16").orElseThrow().integer(0));
		assertEquals(0.5, metadata.numbers("key.17").orElseThrow().real(0));
	}

	@Test
	void aKeyOfAnotherTypeIsNotThere() {
		Metadata metadata = open(TinyModel.dense()).metadata();

		assertTrue(metadata.integer("general.name").isEmpty());
		assertTrue(metadata.text("llama.block_count").isEmpty());
		assertTrue(metadata.flag("general.name").isEmpty());
		assertTrue(metadata.real("general.name").isEmpty());
		assertEquals(TinyModel.LAYERS, metadata.integer("llama.block_count").orElseThrow());
	}

	@ParameterizedTest
	@ValueSource(ints = {1, 8, 32, 64, 4096})
	void tensorsLieWhereTheHeaderSaysWhateverTheAlignment(int alignment) throws IOException {
		Path file = directory.resolve("aligned.gguf");
		byte[] odd = "odd".repeat(11).getBytes(UTF_8);
		byte[] even = "even".repeat(8).getBytes(UTF_8);
		new GgufWriter().put("general.alignment", Value.u32(alignment))
				.tensor("odd", TensorType.I8, List.of(33L), GgufWriter.Content.of(MemorySegment.ofArray(odd)))
				.tensor("even", TensorType.I8, List.of(16L, 2L), GgufWriter.Content.of(MemorySegment.ofArray(even)))
				.write(file);

		Gguf model = Gguf.open(file);

		assertEquals(List.of("odd", "even"), model.tensors().stream().map(TensorEntry::name).toList());
		byte[] bytes = Files.readAllBytes(file);
		assertArrayEquals(odd, slice(bytes, model.tensor("odd").orElseThrow()));
		assertArrayEquals(even, slice(bytes, model.tensor("even").orElseThrow()));
		assertEquals(0, model.tensor("even").orElseThrow().offset() % alignment);
		assertEquals(alignment, model.parts().getFirst().alignment());
	}

	@Test
	void aModelCopiedByTheWriterIsTheSameToTheByte() throws IOException {
		Path source = TinyModel.mixtureOfExperts().write(directory.resolve("source.gguf"));
		Gguf model = Gguf.open(source);
		GgufWriter writer = new GgufWriter().putAll(model.metadata());
		model.tensors().forEach(tensor -> writer.tensor(model, tensor));
		Path copy = directory.resolve("copy.gguf");

		writer.write(copy);

		assertEquals(-1, Files.mismatch(source, copy));
	}

	@Test
	void aContentOfAnotherSizeLeavesTheTargetAlone() throws IOException {
		Path target = Files.writeString(directory.resolve("target.gguf"), "before");
		GgufWriter writer = new GgufWriter().tensor("short", TensorType.F32, List.of(4L),
				GgufWriter.Content.of(MemorySegment.ofArray(new byte[15])));

		assertThrows(IOException.class, () -> writer.write(target));

		assertEquals("before", Files.readString(target));
		try (Stream<Path> files = Files.list(directory)) {
			assertEquals(List.of(target), files.toList());
		}
	}

	@Test
	void versionTwoIsReadToo() throws IOException {
		Bytes bytes = new Bytes().raw("GGUF").u32(2).u64(1).u64(1).text("answer").u32(U32).u32(42)
				.info("t", TensorType.F32.id(), 0, 8).pad(32).zeros(32);
		Gguf model = Gguf.open(Files.write(directory.resolve("v2.gguf"), bytes.array()));

		assertEquals(42, model.metadata().integer("answer").orElseThrow());
		assertEquals(2, model.parts().getFirst().version());
	}

	@Test
	void aVocabularyLargerThanTheFirstReadIsWhole() throws IOException {
		List<String> tokens = IntStream.range(0, 100_000).mapToObj(i -> "token " + i).toList();
		Path file = directory.resolve("large.gguf");
		new GgufWriter().put("before", "x").put("tokens", Value.texts(tokens)).put("after", "y").write(file);

		Metadata metadata = Gguf.open(file).metadata();

		Value.Texts read = metadata.texts("tokens").orElseThrow();
		assertEquals(tokens.size(), read.size());
		assertEquals(tokens, IntStream.range(0, read.size()).mapToObj(read::text).toList());
		assertEquals("x", metadata.text("before").orElseThrow());
		assertEquals("y", metadata.text("after").orElseThrow());
	}

	@Test
	void severalPartsAreOneModel() {
		Gguf whole = open(TinyModel.mixtureOfExperts());
		Gguf parts = Gguf.open(TinyModel.mixtureOfExperts().write(directory, "split", 3));

		assertEquals(3, parts.parts().size());
		assertEquals(whole.tensorBytes(), parts.tensorBytes());
		assertEquals(names(whole).stream().sorted().toList(), names(parts).stream().sorted().toList());
		assertEquals(ModelCheck.check(whole), ModelCheck.check(parts));
		assertEquals(1, parts.tensor("output_norm.weight").orElseThrow().part());
	}

	@Test
	void aPartThatIsMissingIsNamed() throws IOException {
		Path first = TinyModel.dense().write(directory, "split", 3);
		Files.delete(directory.resolve("split-00002-of-00003.gguf"));

		assertRefused("part 2 of 3 is missing: split-00002-of-00003.gguf", first);
	}

	@Test
	void aPartOtherThanTheFirstNamesTheFirst() {
		TinyModel.dense().write(directory, "split", 3);

		assertRefused("this is part 2 of 3: open the first one, split-00001-of-00003.gguf",
				directory.resolve("split-00002-of-00003.gguf"));
	}

	@Test
	void aFirstPartUnderAnotherNameIsRefused() throws IOException {
		Path first = TinyModel.dense().write(directory, "split", 2);

		assertRefused("its name has to end in -00001-of-00002.gguf", Files.move(first, directory.resolve("model.gguf")));
	}

	@Test
	void aPartInThePlaceOfAnotherIsRefused() throws IOException {
		Path first = TinyModel.dense().write(directory, "split", 3);
		Files.copy(directory.resolve("split-00002-of-00003.gguf"), directory.resolve("split-00003-of-00003.gguf"),
				StandardCopyOption.REPLACE_EXISTING);

		assertRefused("split.no is 1 instead of 2: part 3 of 3 is another file", first);
	}

	@Test
	void aPartOfAnotherModelIsRefused() throws IOException {
		TinyModel.mixtureOfExperts().write(directory, "other", 2);
		Path first = TinyModel.dense().write(directory, "split", 2);
		Files.move(directory.resolve("other-00002-of-00002.gguf"), directory.resolve("split-00002-of-00002.gguf"),
				StandardCopyOption.REPLACE_EXISTING);

		assertRefused("split.tensors.count is 20, but the parts hold", first);
	}

	@Test
	void aTensorInTwoPartsIsRefused() throws IOException {
		Path first = directory.resolve("twice-00001-of-00002.gguf");
		for (int part = 0; part < 2; part++) {
			new GgufWriter().put("split.no", new Value.Int(ValueType.U16, part))
					.put("split.count", new Value.Int(ValueType.U16, 2))
					.tensor("same", TensorType.I8, List.of(32L), GgufWriter.Content.of(MemorySegment.ofArray(new byte[32])))
					.write(directory.resolve(new PartName("twice", part + 1, 2).toString()));
		}

		assertRefused("tensor same is in part 1 too", first);
	}

	@Test
	void aPartNumberOfAnotherTypeIsRefused() throws IOException {
		Path first = directory.resolve("typed-00001-of-00002.gguf");
		new GgufWriter().put("split.no", Value.u32(0)).put("split.count", new Value.Int(ValueType.U16, 2)).write(first);

		assertRefused("split.no is u32, not u16", first);
	}

	@Test
	void theContentHashIsThatOfTheBytes() throws Exception {
		Path file = TinyModel.dense().write(directory.resolve("hashed.gguf"));
		List<Long> progress = new ArrayList<>();

		String hash = Gguf.open(file).contentHash(progress::add);

		byte[] expected = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
		assertEquals(HexFormat.of().formatHex(expected), hash);
		assertEquals(Files.size(file), progress.getLast());
	}

	@Test
	void theHeaderHashTellsHeadersApartAndNothingElse() throws IOException {
		Path file = TinyModel.dense().write(directory.resolve("a.gguf"));
		String hash = Gguf.open(file).headerHash();
		byte[] bytes = Files.readAllBytes(file);
		bytes[bytes.length - 40] ^= 1;
		Path otherWeights = Files.write(directory.resolve("b.gguf"), bytes);
		Gguf otherName = open(TinyModel.dense().put("general.name", Value.of("other")));

		assertEquals(hash, Gguf.open(otherWeights).headerHash());
		assertNotEquals(hash, otherName.headerHash());
	}

	@Test
	void theTypesAreThoseOfGgml() {
		assertFalse(TensorType.of(4).isPresent());
		assertFalse(TensorType.of(43).isPresent());
		assertFalse(TensorType.of(-1).isPresent());
		assertEquals(35, Stream.of(TensorType.values()).filter(type -> TensorType.of(type.id()).orElseThrow() == type)
				.count());
		assertEquals(34 * 3, TensorType.Q8_0.bytes(96));
		assertThrows(ArithmeticException.class, () -> TensorType.F64.bytes(Long.MAX_VALUE));
	}

	private void assertRefused(String reason, Path file) {
		ModelRejected rejected = assertThrows(ModelRejected.class, () -> Gguf.open(file));
		assertTrue(rejected.reason().contains(reason), rejected.reason());
	}

	private Gguf open(TinyModel model) {
		return Gguf.open(model.write(directory.resolve("model.gguf")));
	}

	private static List<String> names(Gguf model) {
		return model.tensors().stream().map(TensorEntry::name).toList();
	}

	private static byte[] slice(byte[] file, TensorEntry tensor) {
		return MemorySegment.ofArray(file).asSlice(tensor.offset(), tensor.bytes()).toArray(ValueLayout.JAVA_BYTE);
	}
}
