(ns data-loader.main
  "Answers invocations."
  (:require [clojure.string :as str])
  (:import [com.amazonaws.services.lambda.runtime Context RequestStreamHandler])
  (:gen-class
   :implements [com.amazonaws.services.lambda.runtime.RequestStreamHandler]))

(def ^:private separators #"[/\"(]+")

(defn -handleRequest [_ in out ^Context context]
  (spit out (str/join \space (str/split (slurp in) separators))))
