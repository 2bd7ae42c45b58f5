package meshwork.gguf;

import static meshwork.gguf.Bytes.ARRAY;
import static meshwork.gguf.Bytes.STRING;
import static meshwork.gguf.Bytes.U32;
import static meshwork.gguf.Bytes.gguf;
import static meshwork.gguf.Bytes.tensor;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import meshwork.gguf.ModelRejected.Kind;
import meshwork.gguf.fixture.TinyModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule of the format, broken alone: the file is refused, and the reason is that rule. */
class RefusedFormatTest {

	private static final int F32 = TensorType.F32.id();
	private static final int Q8_0 = TensorType.Q8_0.id();
	private static final int Q4_K = TensorType.Q4_K.id();
	private static final long MUCH = 1L << 40;

	record Fault(String sentence, Bytes file, String reason) {
		@Override
		public String toString() {
			return sentence;
		}
	}

	static Stream<Fault> faults() {
		return Stream.of(
				new Fault("an empty file", new Bytes(), "the file is empty"),
				new Fault("three bytes", new Bytes().raw("GGU"), "only 3 bytes"),
				new Fault("another magic", new Bytes().raw("GGUX").u32(3).zeros(16), "begins with GGUX instead of GGUF"),
				new Fault("a magic that can't be printed", new Bytes().u32(1).zeros(16), "bytes 01 00 00 00"),
				new Fault("a Git LFS pointer", new Bytes().raw("version https://git-lfs.github.com/spec/v1\n"),
						"Git LFS pointer"),
				new Fault("a web page", new Bytes().raw("<!DOCTYPE html><html>"), "it is a web page"),
				new Fault("the format before GGUF", new Bytes().raw("tjgg").u32(3).zeros(16), "GGUF replaced in 2023"),
				new Fault("a zip archive", new Bytes().raw("PK\3\4").zeros(32), "it is a zip archive"),
				new Fault("version 0", new Bytes().raw("GGUF").u32(0).zeros(16), "version 0 is unknown"),
				new Fault("version 1", new Bytes().raw("GGUF").u32(1).zeros(16), "version 1 has not been in use"),
				new Fault("version 4", new Bytes().raw("GGUF").u32(4).zeros(16), "version 4 is unknown"),
				new Fault("big endian", new Bytes().raw("GGUF").u32(0x03000000).zeros(16), "big-endian"),
				new Fault("an end after the version", new Bytes().raw("GGUF").u32(3), "the download is incomplete"),
				new Fault("an end between the counts", new Bytes().raw("GGUF").u32(3).u64(0),
						"the download is incomplete"),
				new Fault("a negative number of tensors", gguf(-1, 0), "18 446 744 073 709 551 615 tensors"),
				new Fault("more tensors than anybody has", gguf(MUCH, 0), "1 099 511 627 776 tensors"),
				new Fault("a negative number of keys", gguf(0, -1), "metadata keys"),
				new Fault("more keys than anybody has", gguf(0, MUCH), "metadata keys"),
				new Fault("fewer keys than claimed", gguf(0, 2).text("a").u32(U32).u32(1), "metadata key 1 needs 8 bytes"),
				new Fault("an empty key", gguf(0, 1).text("").u32(U32).u32(1), "metadata key 0 is empty"),
				new Fault("a key of 70 000 bytes", gguf(0, 1).text("k".repeat(70_000)).u32(U32).u32(1),
						"metadata key 0 has 70 000 bytes"),
				new Fault("a key that ends beyond the file", gguf(0, 1).u64(100).raw("short"),
						"metadata key 0 claims a string of 100 bytes"),
				new Fault("a key of negative length", gguf(0, 1).u64(-1).raw("short"), "claims a string of 18 446"),
				new Fault("a key with a NUL", gguf(0, 1).text("a\0b").u32(U32).u32(1), "control characters"),
				new Fault("a key that is not UTF-8", gguf(0, 1).u64(1).u8(0xFF).u32(U32).u32(1), "is not UTF-8"),
				new Fault("a key twice", gguf(0, 2).text("a").u32(U32).u32(1).text("a").u32(U32).u32(2),
						"metadata key a occurs twice"),
				new Fault("an unknown value type", gguf(0, 1).text("a").u32(13).u64(0), "a has the unknown value type 13"),
				new Fault("a negative value type", gguf(0, 1).text("a").u32(-1).u64(0), "unknown value type 4294967295"),
				new Fault("a value that ends beyond the file", gguf(0, 1).text("a").u32(U32).u8(1), "a needs 4 bytes"),
				new Fault("a string of 1 TiB", gguf(0, 1).text("a").u32(STRING).u64(MUCH).raw("x"),
						"a claims a string of 1 099 511 627 776 bytes"),
				new Fault("an array of arrays", gguf(0, 1).text("a").u32(ARRAY).u32(ARRAY).u64(1).u32(U32).u64(0),
						"array of arrays"),
				new Fault("an array of an unknown type", gguf(0, 1).text("a").u32(ARRAY).u32(99).u64(0),
						"unknown value type 99"),
				new Fault("an array longer than the file", gguf(0, 1).text("a").u32(ARRAY).u32(U32).u64(MUCH),
						"a claims 1 099 511 627 776 elements"),
				new Fault("an array whose size overflows", gguf(0, 1).text("a").u32(ARRAY).u32(U32).u64(1L << 62),
						"a claims 4 611 686 018 427 387 904 elements"),
				new Fault("an array of negative length", gguf(0, 1).text("a").u32(ARRAY).u32(STRING).u64(-1),
						"a claims 18 446 744 073 709 551 615 elements"),
				new Fault("a string of an array that ends beyond the file",
						gguf(0, 1).text("a").u32(ARRAY).u32(STRING).u64(2).text("x").u64(9).raw("y"),
						"a needs 9 bytes"),
				new Fault("an alignment of another type",
						gguf(0, 1).text("general.alignment").u32(ValueType.U64.ordinal()).u64(32),
						"general.alignment is u64, not u32"),
				new Fault("an alignment of 0", gguf(0, 1).text("general.alignment").u32(U32).u32(0),
						"general.alignment is 0"),
				new Fault("an alignment of 48", gguf(0, 1).text("general.alignment").u32(U32).u32(48),
						"general.alignment is 48"),
				new Fault("an alignment of 2 GiB", gguf(0, 1).text("general.alignment").u32(U32).u32(0x8000_0000L),
						"general.alignment is 2 147 483 648"),
				new Fault("a tensor without a name", tensor("", F32, 0, 1), "tensor 0 has no name"),
				new Fault("a tensor's name of 64 bytes", tensor("n".repeat(64), F32, 0, 1),
						"the name of tensor 0 has 64 bytes"),
				new Fault("a tensor's name with a NUL", tensor("a\0b", F32, 0, 1), "control characters"),
				new Fault("a tensor without dimensions", tensor("a", F32, 0), "a has 0 dimensions"),
				new Fault("a tensor of five dimensions", tensor("a", F32, 0, 1, 1, 1, 1, 1), "a has 5 dimensions"),
				new Fault("a tensor of negative extent", tensor("a", F32, 0, -32), "negative extent"),
				new Fault("a tensor whose elements overflow", tensor("a", F32, 0, 1L << 40, 1L << 40),
						"more bytes than 64 bits can count"),
				new Fault("a tensor whose bytes overflow", tensor("a", F32, 0, 1L << 62),
						"more bytes than 64 bits can count"),
				new Fault("a tensor of a type that was removed", tensor("a", 4, 0, 32), "a has the type 4"),
				new Fault("a tensor of a type beyond all", tensor("a", 43, 0, 32), "a has the type 43"),
				new Fault("a tensor of a negative type", tensor("a", -1, 0, 32), "a has the type 4294967295"),
				new Fault("a row of half a block", tensor("a", Q8_0, 0, 48), "not a multiple of the 32 in a block of Q8_0"),
				new Fault("a row shorter than a superblock", tensor("a", Q4_K, 0, 128, 2),
						"not a multiple of the 256 in a block of Q4_K"),
				new Fault("a tensor twice",
						gguf(2, 0).info("a", F32, 0, 8).info("a", F32, 32, 8).pad(32).zeros(64), "tensor a occurs twice"),
				new Fault("a first tensor that is not at the beginning", tensor("a", F32, 32, 8).pad(32).zeros(64),
						"a is at offset 32 of the data instead of 0"),
				new Fault("tensors with a gap between them",
						gguf(2, 0).info("a", F32, 0, 8).info("b", F32, 64, 8).pad(32).zeros(96),
						"b is at offset 64 of the data instead of 32"),
				new Fault("tensors that overlap",
						gguf(2, 0).info("a", F32, 0, 16).info("b", F32, 32, 8).pad(32).zeros(96),
						"b is at offset 32 of the data instead of 64"),
				new Fault("an offset that would wrap", tensor("a", F32, -32, 8).pad(32).zeros(64),
						"18 446 744 073 709 551 584"),
				new Fault("a tensor that ends beyond the file", tensor("a", F32, 0, 1024).pad(32).zeros(64),
						"a ends at byte 4 160, the file at 128: the download is incomplete"),
				new Fault("an exabyte in one tensor", tensor("a", F32, 0, 1L << 58).pad(32).zeros(64),
						"the download is incomplete"),
				new Fault("a size that only padding makes overflow",
						tensor("a", TensorType.I8.id(), 0, Long.MAX_VALUE).pad(32), "beyond what 64 bits can count"),
				new Fault("an end before the data", tensor("a", F32, 0, 8), "the download is incomplete"));
	}

	@TempDir
	private Path directory;

	@ParameterizedTest(name = "{0}")
	@MethodSource("faults")
	void isRefusedWithItsReason(Fault fault) throws IOException {
		Path file = Files.write(directory.resolve("faulty.gguf"), fault.file().array());

		ModelRejected rejected = refused(file);

		assertTrue(rejected.reason().contains(fault.reason()), rejected.reason());
		assertEquals(file, rejected.file());
	}

	@Test
	void aFileThatIsNotThereIsRefused() {
		ModelRejected rejected = refused(directory.resolve("nowhere.gguf"));

		assertEquals("nowhere.gguf: there is no such file", rejected.getMessage());
	}

	@Test
	void whatKindOfReasonItIsCanBeTold() throws IOException {
		assertEquals(Kind.UNREADABLE, refused(directory.resolve("nowhere.gguf")).kind());
		assertEquals(Kind.NOT_A_MODEL, refused(Files.writeString(directory.resolve("page"), "<!DOCTYPE html>")).kind());
		assertEquals(Kind.TRUNCATED, refused(Files.write(directory.resolve("cut"), gguf(0, 1).array())).kind());
		assertEquals(Kind.MALFORMED, refused(Files.write(directory.resolve("bad"), gguf(-1, 0).array())).kind());
	}

	@Test
	void aDirectoryIsRefused() {
		ModelRejected rejected = refused(directory);

		assertEquals("this is not a file", rejected.reason());
	}

	@Test
	void aModelCutShortAnywhereIsRefused() throws IOException {
		byte[] whole = Files.readAllBytes(TinyModel.dense().write(directory.resolve("whole.gguf")));
		Path file = directory.resolve("short.gguf");

		for (int length = 0; length < whole.length; length += 997) {
			Files.write(file, Arrays.copyOf(whole, length));
			assertThrows(ModelRejected.class, () -> Gguf.open(file), "cut at " + length);
		}
	}

	private static ModelRejected refused(Path file) {
		return assertThrows(ModelRejected.class, () -> Gguf.open(file));
	}
}
