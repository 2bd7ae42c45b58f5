package meshwork.boot;

/**
 * Where {@code java -jar node.jar} begins. Compiled for Java 8, so that it can say what is missing on any Java, where the framework
 * would start without a bundle that resolves.
 */
public final class Boot {

	private static final int LEAST = 25;

	private Boot() {
	}

	public static void main(String[] arguments) throws Throwable {
		String version = System.getProperty("java.specification.version");
		if (version.startsWith("1.") || Integer.parseInt(version) < LEAST) {
			System.err.println("meshwork: this is Java " + version + "; it takes JDK " + LEAST + " or newer: /path/to/jdk/bin/java -jar node.jar");
			System.exit(20);
		}
		Class.forName("aQute.launcher.pre.EmbeddedLauncher").getMethod("main", String[].class).invoke(null, (Object) arguments);
	}
}
