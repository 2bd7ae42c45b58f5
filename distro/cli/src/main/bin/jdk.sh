# shellcheck shell=sh
# Finds a JDK; for sourcing. Reads the file "release" of each rather than running it, so that looking costs milliseconds.

# The first release that runs Meshwork.
jdk_least=25

# Sets jdk_version to the version of the JDK in folder $1, empty if there is none with program $2.
jdk_read() {
	jdk_version=
	[ -x "$1/bin/$2" ] && [ -r "$1/release" ] || return 0
	while IFS= read -r jdk_line; do
		case $jdk_line in
		JAVA_VERSION=*)
			jdk_version=${jdk_line#*=}
			jdk_version=${jdk_version#\"}
			jdk_version=${jdk_version%%\"*}
			;;
		esac
	done <"$1/release"
}

# Tells whether $1 is a version that will do.
jdk_suffices() {
	jdk_major=${1%%[!0-9]*}
	[ -n "$jdk_major" ] && [ "$jdk_major" -ge $jdk_least ]
}

# Prints the folder that the program on the PATH belongs to, through links.
jdk_on_path() {
	jdk_file=$(command -v "$1") || return 0
	while [ -h "$jdk_file" ]; do
		jdk_link=$(readlink "$jdk_file")
		case $jdk_link in
		/*) jdk_file=$jdk_link ;;
		*) jdk_file=${jdk_file%/*}/$jdk_link ;;
		esac
	done
	printf '%s\n' "${jdk_file%/bin/*}"
}

# Sets jdk_home to a JDK with program $1 (java, or javac to build with): $MESHWORK_JAVA_HOME, else $JAVA_HOME, else the one on
# the PATH, else of all that are installed the lowest release that will do, of that the newest update. Fails if there is none.
jdk_find() {
	if [ -n "${MESHWORK_JAVA_HOME-}" ]; then
		jdk_read "$MESHWORK_JAVA_HOME" "$1"
		jdk_home=$MESHWORK_JAVA_HOME
		jdk_suffices "$jdk_version" && return
		echo "meshwork: MESHWORK_JAVA_HOME is $MESHWORK_JAVA_HOME, which holds ${jdk_version:+Java }${jdk_version:-no JDK}: it takes JDK $jdk_least or newer" >&2
		return 1
	fi
	for jdk_home in "${JAVA_HOME-}" "$(jdk_on_path "$1")"; do
		[ -n "$jdk_home" ] || continue
		jdk_read "$jdk_home" "$1"
		jdk_suffices "$jdk_version" && return
	done
	jdk_best=
	for jdk_candidate in /usr/lib/jvm/* /usr/java/* /usr/local/java/* /opt/*jdk* /opt/*java* /opt/java/* \
		/Library/Java/JavaVirtualMachines/*/Contents/Home "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home \
		/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
		/home/linuxbrew/.linuxbrew/opt/openjdk*/libexec "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
		"$HOME"/.asdf/installs/java/* "$HOME"/.local/share/mise/installs/java/* "$HOME"/.gradle/jdks/*; do
		jdk_read "$jdk_candidate" "$1"
		jdk_suffices "$jdk_version" || continue
		if [ -z "$jdk_best" ] || [ "$jdk_major" -lt "$jdk_best_major" ] ||
			{ [ "$jdk_major" -eq "$jdk_best_major" ] && jdk_newer "$jdk_version" "$jdk_best_version"; }; then
			jdk_best=$jdk_candidate jdk_best_major=$jdk_major jdk_best_version=$jdk_version
		fi
	done
	jdk_home=$jdk_best jdk_version=${jdk_best_version-}
	[ -n "$jdk_best" ] && return
	echo "meshwork: no JDK $jdk_least or newer was found. Install one (https://adoptium.net, or your system's package openjdk-$jdk_least-jdk)," >&2
	echo "          or name its folder: MESHWORK_JAVA_HOME=/path/to/jdk" >&2
	return 1
}

# Tells whether update $1 is newer than $2, both of one release: 25.0.10 than 25.0.9.
jdk_newer() {
	[ "$(printf '%s\n%s\n' "$1" "$2" | sort -t . -k 2,2n -k 3,3n -k 4,4n | tail -n 1)" = "$1" ] && [ "$1" != "$2" ]
}
