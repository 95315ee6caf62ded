module abreast/bench/peers/go

go 1.26
